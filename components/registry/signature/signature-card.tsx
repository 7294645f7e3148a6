"use client";
import { Pencil } from "lucide-react";
import { useState } from "react";
import { Allowed } from "@/components/shell/workspace";
import type { ModelVersion } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { Badge } from "@/components/ui/status";
import type {
  Signature,
  SignatureFeature,
} from "@/server/protocols/open-inference/codec/signature";
import { SignatureDialog } from "./signature-dialog";
import { SignatureRevisions } from "./signature-revisions";

const SHOWN = 12;
const bound = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 });

function seenText(feature: SignatureFeature, { inputs }: Signature): string {
  const image = inputs.find(({ columns }) => columns[0] === feature.name)?.image;
  if (image) return `${image.width} × ${image.height} pixels, ${image.channels} channels`;
  if (feature.type === "category") return (feature.categories ?? []).join(", ");
  if (feature.min === null || feature.min === undefined) return "";
  return `${bound.format(feature.min)} to ${bound.format(feature.max ?? feature.min)}`;
}

/** What the version takes and gives. */
export function SignatureCard({
  version,
  signature,
}: {
  /** Absent before there is one. */
  version?: ModelVersion;
  signature: Signature;
}) {
  const [all, setAll] = useState(false);
  const [changing, setChanging] = useState(false);
  const features = all ? signature.features : signature.features.slice(0, SHOWN);
  return (
    <Card
      title="Signature"
      description={`Takes ${signature.features.length} ${signature.features.length === 1 ? "feature" : "features"}, gives ${signature.target.name} (${signature.target.type})${
        signature.classes ? `: ${signature.classes.slice(0, 8).join(", ")}` : ""
      }`}
      actions={
        version && (
          <Allowed permission="models:write">
            <Button size="sm" onClick={() => setChanging(true)}>
              <Pencil aria-hidden className="size-3.5" />
              Change
            </Button>
          </Allowed>
        )
      }
      flush
    >
      <ScrollRegion label="Features" className="overflow-x-auto">
        <table className="w-full text-13">
          <thead>
            <tr className="border-b text-left text-fg-subtle text-xs">
              <th scope="col" className="h-8 px-4 font-medium">
                Feature
              </th>
              <th scope="col" className="px-4 font-medium">
                Type
              </th>
              <th scope="col" className="px-4 font-medium">
                Seen in training
              </th>
            </tr>
          </thead>
          <tbody>
            {features.map((feature) => (
              <tr key={feature.name} className="border-b last:border-b-0">
                <th scope="row" className="px-4 py-1.5 text-left font-normal">
                  {feature.name}
                </th>
                <td className="whitespace-nowrap px-4 py-1.5">
                  <Badge mono>{feature.type}</Badge>{" "}
                  {feature.nullable && (
                    <span className="text-fg-subtle text-xs">may be missing</span>
                  )}
                </td>
                <td className="max-w-72 truncate px-4 py-1.5 text-fg-muted">
                  {seenText(feature, signature)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {signature.features.length > SHOWN && (
        <div className="border-t p-2 text-center">
          <Button size="sm" variant="ghost" onClick={() => setAll(!all)}>
            {all ? "Show fewer" : `Show all ${signature.features.length} features`}
          </Button>
        </div>
      )}
      {version && <SignatureRevisions version={version} />}
      {version && changing && (
        <SignatureDialog version={version} start={signature} onClose={() => setChanging(false)} />
      )}
    </Card>
  );
}
