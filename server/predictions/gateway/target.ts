/** Where a caller wants a prediction from: a deployment, or a model's production deployment. */
export type Target = { deployment: string } | { model: string };
