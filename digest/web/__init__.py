"""What `digest serve` answers: the published folder, the links that unsubscribe, and whether all is well.

    site        the routes, joined to one ASGI application
    files       the published folder, read so that nothing else can be
    media       what a file is called to those who fetch it
    conditions  what a request knows already, and in which coding it wants the rest
    unsubscribing, forms    links in mails, and what is posted to them
    desk        the store, asked by threads of its own
    notices     the few pages that no edition is
    guards      what holds for every request: headers, limits, deadlines, a line in the log
    server      uvicorn, and the patience that it has with a connection

These modules need the packages of `paperdigest[web]`; nothing below them does.
"""
