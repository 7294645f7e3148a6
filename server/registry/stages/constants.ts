/** Named colors of the theme; pages know how each looks in light and dark. */
export const STAGE_COLORS = ["gray", "blue", "violet", "amber", "green", "red"] as const;
export type StageColor = (typeof STAGE_COLORS)[number];

/** The stages MLflow's clients know. */
export const MLFLOW_STAGES = ["None", "Staging", "Production", "Archived"] as const;
export type MlflowStage = (typeof MLFLOW_STAGES)[number];

export const STAGES_MAX = 20;
export const GATES_MAX = 20;
export const REVIEWERS_MAX = 10;
export const REQUEST_DAYS_MAX = 90;
