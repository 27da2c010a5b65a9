"""What the moments engine returns."""

from __future__ import annotations

from dataclasses import dataclass

from soleus.lineage.process import FloatArray

__all__ = ["BatchMoments", "ReadoutMoments"]


@dataclass(frozen=True, slots=True)
class ReadoutMoments:
    """Means and covariances of read-outs.

    Attributes
    ----------
    days
        Shape (D,).
    mean
        Shape (D, R), in cells.
    covariance
        Shape (D, R, D, R), in cells squared.
    tolerance
        Bound of the relative error that the quadrature and the series were held to.
    """

    days: FloatArray
    mean: FloatArray
    covariance: FloatArray
    tolerance: float

    @property
    def flat_covariance(self) -> FloatArray:
        """The covariance as a matrix, shape (D R, D R), day-major."""
        size = self.mean.size
        return self.covariance.reshape(size, size)


@dataclass(frozen=True, slots=True)
class BatchMoments:
    """Means and covariances of read-outs of many animals.

    Attributes
    ----------
    days
        Shape (D,).
    mean
        Shape (N, D, R), in cells.
    covariance
        Shape (N, D, R, D, R), in cells squared.
    tolerance
        See :class:`ReadoutMoments`.
    """

    days: FloatArray
    mean: FloatArray
    covariance: FloatArray
    tolerance: float

    def animal(self, number: int) -> ReadoutMoments:
        """Return the moments of one animal."""
        return ReadoutMoments(self.days, self.mean[number], self.covariance[number], self.tolerance)
