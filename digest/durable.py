"""What a file system promises, and when."""

import os
from pathlib import Path


def make_durable_folder(folder: Path) -> None:
    """Names in `folder` that were made, changed or removed stay so after a power cut. May raise OSError."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
