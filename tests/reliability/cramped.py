"""`digest` without its look at how much room there is, so that a disk can run full under it.

python cramped.py DAYS WORDS…       one command, so many days from now
python cramped.py                   as `forks.py`: commands in forks of a process that has imported everything
"""

import json
import os
import sys
from importlib import import_module

from forks import LOADED, days_ahead, done, work

from digest.store import safety


def anywhere(path: object) -> None:
    """There is room enough."""


safety.room = anywhere  # type: ignore[assignment]

if __name__ == "__main__":
    if sys.argv[1:]:
        from digest.cli import main

        with days_ahead(int(sys.argv[1])):
            sys.exit(main(sys.argv[2:]))
    for name in LOADED:
        import_module(name)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if not child:
            work(job)
        sys.stdout.write(f"{done(child, job)}\n")
        sys.stdout.flush()
