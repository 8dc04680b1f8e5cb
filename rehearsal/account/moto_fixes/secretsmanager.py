"""Secrets Manager."""

from __future__ import annotations

from typing import Any

from moto.secretsmanager.exceptions import ResourceNotFoundException, SecretHasNoValueException
from moto.secretsmanager.models import SecretsManagerBackend

_batch = SecretsManagerBackend.batch_get_secret_value


def batch_get_secret_value(self: SecretsManagerBackend, secret_id_list: Any = None, *rest: Any, **named: Any) -> Any:
    """A secret without a value is an error of its own in the answer; moto fails the whole call.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
    """
    if not secret_id_list:
        return _batch(self, secret_id_list, *rest, **named)
    held: list[Any] = []
    errors: list[Any] = []
    for one in secret_id_list:
        try:
            values, wrong, _token = _batch(self, [one], *rest, **named)
            held += values
            errors += wrong
        except (ResourceNotFoundException, SecretHasNoValueException) as error:
            errors.append({"SecretId": one, "ErrorCode": error.error_type, "Message": error.message})
    return held, errors, None


SecretsManagerBackend.batch_get_secret_value = batch_get_secret_value  # type: ignore[method-assign]
