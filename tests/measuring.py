"""How far metrics rise while a test runs; other tests of the process have counted before."""

from precis.monitoring.metrics import METRICS


def sample(name, /, **labels):
    """A series as it is now; 0 where there is none yet."""
    return METRICS.registry.get_sample_value(name, labels) or 0.0


class Rise:
    """Of one series, since this was made."""

    def __init__(self, name, /, **labels):
        self._name = name
        self._labels = {label: str(value) for label, value in labels.items()}
        self._before = sample(name, **self._labels)

    @property
    def by(self):
        return sample(self._name, **self._labels) - self._before
