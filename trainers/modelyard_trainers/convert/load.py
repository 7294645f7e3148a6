"""Loads a native model. Only behind the walls: a pickle runs whatever it brings along."""

from __future__ import annotations

import pickle
from typing import Any

from ..errors import BadInput

# Types beside skops' own that hold numbers only, as MLflow's clients trust them, and scikit-learn's.
_TRUSTED = {
    "collections.OrderedDict", "numpy.dtype",
    "lightgbm.basic.Booster", "lightgbm.sklearn.LGBMClassifier", "lightgbm.sklearn.LGBMRegressor",
    "xgboost.core.Booster", "xgboost.sklearn.XGBClassifier", "xgboost.sklearn.XGBRegressor",
    "xgboost.sklearn.XGBRFClassifier", "xgboost.sklearn.XGBRFRegressor",
    "sklearn.tree._tree.Tree", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neighbors._kd_tree.KDTree", "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.calibration._CalibratedClassifier", "sklearn.calibration._SigmoidCalibration",
}  # fmt: skip


def load_model(form: str, flavor: str, path: str) -> Any:
    """An estimator or a booster. Raises BadInput for a file that is none."""
    if form == "pickle":
        with open(path, "rb") as file:
            return pickle.load(file)
    if form == "skops":
        return _skops(path)
    if flavor == "xgboost":
        import xgboost

        return xgboost.Booster(model_file=path)
    import lightgbm

    with open(path, encoding="utf-8") as file:
        return lightgbm.Booster(model_str=file.read())


def _skops(path: str) -> Any:
    import skops.io

    unknown = set(skops.io.get_untrusted_types(file=path)) - _TRUSTED
    if unknown:
        raise BadInput(f"the skops file holds types that are not trusted: {', '.join(sorted(unknown)[:5])}")
    return skops.io.load(path, trusted=sorted(_TRUSTED))
