"""``python -m firesteel`` is the command ``firesteel``."""

from __future__ import annotations

import sys

from firesteel.cli import main

sys.exit(main())
