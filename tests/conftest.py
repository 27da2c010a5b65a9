"""What every test stands on, whoever starts the suite."""

from __future__ import annotations

import signal

# A job in the background is started with interrupts ignored, and so are its children: tests that interrupt
# something would wait for ever.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGTERM, signal.SIG_DFL),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)
