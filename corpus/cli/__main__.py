"""`python -m corpus.cli` is the `wirecorpus` command."""

import sys

from corpus.cli import main

sys.exit(main())
