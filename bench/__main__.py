"""`python -m bench`: the same as `python bench/run.py`."""

import sys
from pathlib import Path

sys.path.insert(
    0, str(Path(__file__).parent)
)  # the modules beside this one, as they find each other when run.py starts

from run import main

main()
