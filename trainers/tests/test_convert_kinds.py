"""Conversion of further kinds of models: each answers alike, or is refused in a sentence."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import onnxruntime
import pandas as pd
import pytest
import xgboost
from sklearn.base import BaseEstimator, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import Birch, MiniBatchKMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import (
    BaggingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

from modelyard_trainers.convert.job import convert
from modelyard_trainers.errors import BadInput

RANDOM = np.random.default_rng(3)
CITIES = ["Bern", "Linz", "Oslo", "Prag", "Rom", "Wien"]
SIGNATURE = [{"type": "string", "name": "city"}, {"type": "double", "name": "n"},
             {"type": "long", "name": "floor"}]  # fmt: skip


def houses(cities: list[str] = CITIES) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows with two categorical columns, gaps in every one."""
    count = 400
    frame = pd.DataFrame(
        {
            "city": pd.Categorical(RANDOM.choice(cities, count)),
            "n": RANDOM.normal(size=count),
            "floor": pd.Categorical(RANDOM.integers(0, 30, count)),
        }
    )
    frame.loc[::9, "city"] = np.nan
    frame.loc[::11, "n"] = np.nan
    value = frame.city.cat.codes % 2 + frame.n.fillna(0) + frame.floor.cat.codes % 3
    return frame, value.to_numpy()


def answers(content: bytes, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """What the graph says to the rows of a frame, sent as the product sends them."""
    session = onnxruntime.InferenceSession(content)
    texts = frame.select_dtypes(["object", "string", "category"])
    texts = texts[[c for c in texts if c != "floor"]]
    numbers = frame[[c for c in frame if c not in texts]].astype(float)
    feed = {"numeric": numbers.to_numpy(np.float64), "categorical": texts.astype(object).fillna("").to_numpy(object)}
    taken = {value.name for value in session.get_inputs()}
    names = [value.name for value in session.get_outputs()]
    return dict(zip(names, session.run(names, {k: v for k, v in feed.items() if k in taken})))


LIGHT = {"n_estimators": 12, "verbose": -1, "min_child_samples": 5, "min_data_per_group": 5,
         "cat_smooth": 1}  # fmt: skip
EXACT = {"n_estimators": 12, "enable_categorical": True, "max_depth": 4}


@pytest.mark.parametrize(
    "model",
    [
        lightgbm.LGBMRegressor(**LIGHT),
        lightgbm.LGBMClassifier(**LIGHT),
        xgboost.XGBRegressor(**EXACT, max_cat_to_onehot=1),
        xgboost.XGBRegressor(**EXACT, max_cat_to_onehot=100),
        xgboost.XGBClassifier(**EXACT, max_cat_to_onehot=1),
    ],
    ids=lambda model: f"{type(model).__name__} {model.get_params().get('max_cat_to_onehot')}",
)
def test_trees_that_split_by_category_answer_alike(model: Any) -> None:
    frame, value = houses()
    target = value if is_regressor(model) else (value * 2).astype(int).clip(0, 3)
    model.fit(frame, target)
    made = convert(model, SIGNATURE, None)
    features = {f["name"]: f for f in made.description["signature"]["features"]}
    assert features["city"]["categories"] == CITIES
    given = answers(made.content, frame)
    if is_regressor(model):
        np.testing.assert_allclose(given["prediction"], model.predict(frame), atol=1e-5)
    else:
        np.testing.assert_allclose(given["probabilities"], model.predict_proba(frame), atol=1e-5)


@pytest.mark.parametrize("objective", ["count:poisson", "reg:gamma"])
def test_a_linear_booster_of_an_exponential_objective_answers_alike(objective: str) -> None:
    matrix = load_diabetes().data
    settings = {"objective": objective, "booster": "gblinear"}
    model = xgboost.train(settings, xgboost.DMatrix(matrix, load_diabetes().target / 50), 12)
    made = convert(model, None, None)
    given = onnxruntime.InferenceSession(made.content).run(["prediction"], {"numeric": matrix})[0]
    np.testing.assert_allclose(given, model.predict(xgboost.DMatrix(matrix)), rtol=1e-4)


KINDS: list[BaseEstimator] = [
    MiniBatchKMeans(3, n_init=2, random_state=1),
    GaussianMixture(3, random_state=0),
    IsolationForest(n_estimators=8, random_state=0),
    CalibratedClassifierCV(LogisticRegression(max_iter=300)),
    VotingClassifier([("a", LogisticRegression(max_iter=300)), ("b", RandomForestClassifier(4))]),
    StackingClassifier([("a", LogisticRegression(max_iter=300)), ("b", RandomForestClassifier(4))]),
    BaggingRegressor(n_estimators=3, random_state=0),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("model", KINDS, ids=lambda model: type(model).__name__)
def test_further_estimators_answer_alike(model: Any) -> None:
    matrix, target = load_diabetes(return_X_y=True) if is_regressor(model) else load_iris(return_X_y=True)
    model.fit(matrix, target)
    made = convert(model, None, None)
    given = answers(made.content, pd.DataFrame(matrix))
    if is_regressor(model):
        np.testing.assert_allclose(given["prediction"], model.predict(matrix), rtol=1e-4)
    else:
        classes = np.array(made.description["signature"]["classes"])
        assert (classes[given["label"]] == model.predict(matrix)).all()


@pytest.mark.parametrize("vectorizer", [TfidfVectorizer(ngram_range=(1, 2)), CountVectorizer()])
def test_words_are_told_apart_as_python_does_in_any_script(vectorizer: Any) -> None:
    said = ["Good film, naïve", "schlechter Film! Äpfel", "good-plot 7", "bad FILM", "über_gut", "x ok"]
    frame = pd.DataFrame({"text": said * 10, "n": np.arange(60.0)})
    chosen = ColumnTransformer([("t", vectorizer, "text"), ("n", StandardScaler(), ["n"])])
    model = make_pipeline(chosen, LogisticRegression()).fit(frame, [1, 0, 1, 0, 1, 0] * 10)
    signature = [{"type": "string", "name": "text"}, {"type": "double", "name": "n"}]
    made = convert(model, signature, None)
    new = frame.assign(text=["GOODÄ film", "äpfel", "naïve plot", "nai ve", "Über gut", "ok"] * 10)
    given = answers(made.content, new)
    np.testing.assert_allclose(given["probabilities"], model.predict_proba(new), atol=1e-5)


def test_what_no_graph_can_say_is_refused_with_what_to_do_instead() -> None:
    frame, value = houses(["Bern", "Köln"])
    several = np.column_stack([value, value])
    matrix = frame[["n"]].fillna(0).to_numpy()
    odd = frame.assign(floor=pd.Categorical(np.where(matrix[:, 0] > 0, 101, 202)))
    refused = [
        (MultiOutputRegressor(Ridge()).fit(matrix, several), None, "log one model a target"),
        (RandomForestRegressor(2).fit(matrix, several), None, "log one model a target"),
        (xgboost.XGBRegressor(n_estimators=2).fit(matrix, several), None, "log one model a target"),
        (Birch().fit(load_iris().data), None, "fit a classifier on its labels"),
        (xgboost.XGBRegressor(**EXACT).fit(frame, value), SIGNATURE, "names that are not ASCII"),
        (lightgbm.LGBMRegressor(**LIGHT).fit(odd, value), SIGNATURE, "make them texts before"),
    ]
    for model, signature, sentence in refused:
        with pytest.raises(BadInput, match=sentence):
            convert(model, signature, None)


def test_an_ordinal_encoder_before_a_forest_is_exact() -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c"] * 20, "n": np.arange(60.0)})
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    chosen = ColumnTransformer([("t", encoder, ["text"]), ("n", "passthrough", ["n"])])
    model = make_pipeline(chosen, RandomForestClassifier(4)).fit(frame, [0, 1, 0] * 20)
    signature = [{"type": "string", "name": "text"}, {"type": "double", "name": "n"}]
    made = convert(model, signature, None)
    assert made.description["method"] == "the estimator's own trees"
