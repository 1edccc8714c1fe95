"""The machine's clock."""

import time


class SystemClock:
    """A ``Clock`` that tells and passes real time."""

    def now_s(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let time pass; nothing happens for a time that is not positive."""
        if seconds > 0:
            time.sleep(seconds)
