"""Where documents come from. A source gives documents that nobody has looked inside yet, or a Problem."""
