"""Editions that nobody would wish for, and what must hold of everything that is made of them.

`archives` makes them, `naughty` has the strings they are made of, `vocabulary` says what a page may hold, and the
browser, the checker of pages and the rest of the tools are driven by the modules named after them.
"""
