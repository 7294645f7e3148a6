"""The registry: one line an algorithm. Frameworks are imported only when their algorithm runs."""

from __future__ import annotations

from importlib import import_module

from ..protocol import TrainerFactory

REGISTRY = {
    "logistic_regression": ("logistic_regression", "LogisticRegressionTrainer"),
    "linear_regression": ("linear_regression", "LinearRegressionTrainer"),
    "random_forest": ("random_forest", "RandomForestTrainer"),
    "xgboost": ("xgboost", "XGBoostTrainer"),
    "lightgbm": ("lightgbm", "LightGBMTrainer"),
}


def trainer_factory(algorithm: str) -> TrainerFactory:
    """The factory of a cataloged algorithm."""
    module, name = REGISTRY[algorithm]
    return getattr(import_module(f"{__name__}.{module}"), name)
