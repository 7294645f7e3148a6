/** A form on its way to the server. */
export interface Sending<T> {
  /** Rejects with the problem body the server answered, or with an AbortError. */
  done: Promise<T>;
  cancel: () => void;
}

/** Posts a form with progress from 0 to 1, which fetch cannot tell. */
export function sendForm<T>(
  url: string,
  headers: Record<string, string>,
  form: FormData,
  onProgress: (share: number) => void,
): Sending<T> {
  const request = new XMLHttpRequest();
  const done = new Promise<T>((resolve, reject) => {
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status === 201 || request.status === 200) resolve(request.response as T);
      else reject(request.response ?? new Error(`The server answered ${request.status}`));
    };
    request.onerror = () => reject(new Error("Network error"));
    request.onabort = () => reject(new DOMException("Cancelled", "AbortError"));
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}

/** Whether somebody cancelled what they had sent. */
export const isCancelled = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "AbortError";
