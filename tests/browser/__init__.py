"""duban in a real browser: its own server over a rehearsal, Chromium from the machine, every page watched."""
