import { MessageSquare } from "lucide-react";
import type { Outputs } from "@/components/trpc/outputs";
import { Status } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { reviewersText } from "./stage-words";

type Approval = Outputs["registry"]["getApproval"];

const WORDS = { approve: "approved", reject: "rejected", conditional: "conditional" } as const;

/** Who has spoken, and what is still missing. */
export function ReviewList({ approval }: { approval: Approval }) {
  const { required, reviews } = approval;
  const spoken = reviews.filter((review) => review.decision !== "reject").length;
  return (
    <div>
      <h3 className="mb-1.5 flex items-center gap-2 font-medium text-13">
        <MessageSquare aria-hidden className="size-3.5 text-fg-subtle" />
        Reviews
        <span className="font-normal text-fg-subtle text-xs">
          {required.count === 0
            ? "none needed"
            : `${spoken} of ${reviewersText({ ...required, count: required.count })}`}
        </span>
      </h3>
      {reviews.length === 0 ? (
        <p className="text-13 text-fg-subtle">Nobody has reviewed it yet.</p>
      ) : (
        <ul className="space-y-2">
          {reviews.map((review) => (
            <li key={review.reviewer.key} className="rounded-lg border p-2.5 text-13">
              <div className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{review.reviewer.name}</span>
                <Status status={WORDS[review.decision]} />
                <span className="ml-auto text-fg-subtle text-xs">
                  <RelativeTime at={review.at} />
                </span>
              </div>
              {review.comment && (
                <p className="mt-1 whitespace-pre-wrap text-fg-muted">{review.comment}</p>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
