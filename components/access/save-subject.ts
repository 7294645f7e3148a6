import { toFailure } from "@/components/ui/failure";

/**
 * Saves the export of a subject as a file. By fetch, so that the address, which names a person, does
 * not enter the browser's history. Throws the problem the server answered with.
 */
export async function saveSubject(
  workspace: string,
  { subject, fields }: { subject: string; fields: string[] },
): Promise<void> {
  const query = new URLSearchParams({
    workspace,
    ...(fields.length > 0 ? { fields: fields.join(",") } : {}),
  });
  const reply = await fetch(
    `/api/v1/privacy/subjects/${encodeURIComponent(subject)}/export?${query}`,
  );
  if (!reply.ok) throw toFailure(await reply.json());
  const address = URL.createObjectURL(await reply.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = "subject.ndjson";
  link.click();
  URL.revokeObjectURL(address);
}
