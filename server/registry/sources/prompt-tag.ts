/** MLflow keeps prompts as registered models; this tag with the value true tells them apart. */
export const PROMPT_TAG = "mlflow.prompt.is_prompt";

export const isPrompt = (tags: Readonly<Record<string, string>>): boolean =>
  tags[PROMPT_TAG]?.toLowerCase() === "true";
