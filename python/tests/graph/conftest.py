"""Before the tests are imported: `graphframes.lib` is importable with Firesteel only."""

import firesteel

firesteel.install()
