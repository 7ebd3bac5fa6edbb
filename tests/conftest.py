"""How hypothesis looks for counterexamples: without a clock, since a busy machine is no fault of ours.

The full search runs in the source tree; against the built wheel, where the code is the same, a short one
(`HYPOTHESIS_PROFILE=short`, see the Makefile).
"""

import os

from hypothesis import settings

settings.register_profile("full", deadline=None)
settings.register_profile("short", deadline=None, max_examples=10)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "full"))
