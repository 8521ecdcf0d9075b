"""The polite client: addresses are asked rarely, one at a time, and never for longer than they are to be asked.

addresses   which addresses may be asked at all, and where they are
exchange    one request and its answer over one connection, with an end in time and in bytes
shapes      whether an answer is what was asked for: XML, JSON, whole
waiting     when to ask again: Retry-After, backoff, the distance between requests to one house
client      all of this together, with a memory: `Client.get`
"""
