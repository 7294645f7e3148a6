"""Asks every suite of the server at MLFLOW_TRACKING_URI, in one process: the client takes seconds to import."""

import clients  # noqa: F401
import experiments  # noqa: F401
import methods  # noqa: F401
import models  # noqa: F401
import registry  # noqa: F401
import runs  # noqa: F401
import traces  # noqa: F401
import tracking  # noqa: F401

# Last, since it chooses experiments for the whole process.
import fluent  # noqa: F401, E402, I001
from observed import done

done()
