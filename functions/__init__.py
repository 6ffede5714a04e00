"""Everything that runs in Lambda outside the domain."""

from functions.runtime.settings import is_lambda
from functions.slim_start import slim_start

if is_lambda():
    slim_start()
