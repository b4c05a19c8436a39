"""Every error that guanxi raises on purpose.

    GuanxiError                 the root: catch this one
    ├── UsageError              the request itself is wrong (exit code 2)
    │   ├── FilterError         a --where condition that cannot be accepted
    │   ├── SettingsError       a setting that is unknown or has a wrong value
    │   └── UnknownAccountError an account id that the store does not have
    ├── InputError              a file that cannot be read as it stands
    │   └── TooManyRejectsError more bad rows than --max-rejects allows
    ├── StoreError              the graph store
    │   ├── NoStoreError        there is none at the path or address
    │   ├── StoreBusyError      another process is writing to it
    │   ├── StoreUnavailableError the server cannot be reached, or went away
    │   ├── StoreAccessError    wrong user or password, or no right to do it
    │   ├── StoreVersionError   made by another version, or not a guanxi store at all
    │   └── SnapshotError       no usable snapshot (nothing loaded, damaged, unfinished)
    ├── NotAnalyzedError        the scores asked for have not been computed yet
    ├── ConvergenceError        an iteration did not reach its tolerance
    ├── ResourceError           it does not fit into memory or onto the disk
    └── ServiceError            the server (`guanxi serve`) does not take a request
        ├── UnauthorizedError   no key, or none that holds
        ├── ForbiddenError      the key has no right to it
        │   └── ForeignError    the request is for another server, or a page from elsewhere made it
        ├── MissingError        there is nothing of that name (a job, an upload)
        ├── ConflictError       it cannot be done in the state that things are in
        ├── TooLargeError       more bytes than the server takes
        └── OverloadedError     too many requests or jobs; later it will do

A message says what was wrong, where (file, line, field), and what to do about it.
"""

from __future__ import annotations


class GuanxiError(Exception):
    """Root of all errors that guanxi raises on purpose."""

    exit_code = 1


class UsageError(GuanxiError):
    """The request itself is wrong."""

    exit_code = 2


class FilterError(UsageError):
    """A condition over account columns that cannot be accepted."""


class SettingsError(UsageError):
    """A setting that is unknown or has a wrong value."""


class UnknownAccountError(UsageError):
    """An account id that the store does not have."""


class InputError(GuanxiError):
    """A file that cannot be read as it stands."""


class TooManyRejectsError(InputError):
    """More bad rows than the limit allows; nothing of the file was committed."""


class StoreError(GuanxiError):
    """The graph store cannot do what was asked."""


class NoStoreError(StoreError):
    """There is no store at the path or address given."""

    @classmethod
    def at(cls, store: object) -> NoStoreError:
        """The error about `store`, a path or an address where there is nothing."""
        return cls(
            f"There is no store at {store}. Load files into it first (`guanxi load`), or name "
            "another one with --store."
        )


class StoreBusyError(StoreError):
    """Another process is writing to the store."""


class StoreUnavailableError(StoreError):
    """The server of the store cannot be reached, or went away."""


class StoreAccessError(StoreError):
    """The server of the store does not accept the user, or what the user wants to do."""


class StoreVersionError(StoreError):
    """The store was made by another version of guanxi, or is no guanxi store."""


class SnapshotError(StoreError):
    """There is no usable snapshot of the store."""


class NotAnalyzedError(GuanxiError):
    """The scores asked for have not been computed yet."""


class ConvergenceError(GuanxiError):
    """An iteration did not reach its tolerance within its limit."""


class ResourceError(GuanxiError):
    """The work does not fit into memory or onto the disk."""


class ServiceError(GuanxiError):
    """The server does not take a request."""


class UnauthorizedError(ServiceError):
    """The request has no key, or none that holds."""


class ForbiddenError(ServiceError):
    """The key has no right to what is asked."""


class ForeignError(ForbiddenError):
    """The request is meant for another server, or comes from a page of another site."""


class MissingError(ServiceError):
    """There is nothing of that name."""


class ConflictError(ServiceError):
    """It cannot be done in the state that things are in."""


class TooLargeError(ServiceError):
    """The request has more bytes than the server takes."""


class OverloadedError(ServiceError):
    """There are too many requests or jobs; `retry_after` seconds later it may do."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after
