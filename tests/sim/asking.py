"""HTTP requests that give up in time to name the test that hangs."""

from functools import partial

import requests

get = partial(requests.get, timeout=5)
post = partial(requests.post, timeout=5)
put = partial(requests.put, timeout=5)
