"""From the words of a right to the error that is told."""

from elearn import errors
from elearn.nouns.rights import Refusal


def refused(why: Refusal | None) -> errors.ClientError:
    assert why is not None
    return _BY_CODE[why.code](why.words)


_BY_CODE: dict[str, type[errors.ClientError]] = {
    error.code: error
    for error in (
        errors.Forbidden,
        errors.NotAMember,
        errors.NotFound,
        errors.RoomClosed,
        errors.AlreadyEnrolled,
        errors.CourseFull,
    )
}
