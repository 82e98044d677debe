"""People as commands name them."""

from django.contrib.auth.models import User

from audit.errors import CountersignError


class NoSuchUser(CountersignError):
    """There is no such user."""

    exit_code = 2


def user_named(username: str) -> User:
    """The active user with this name."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NoSuchUser(f"There is no active user named {username}.")
    return user
