"use client";
import { SelectField } from "@/components/ui/select";
import type { Signature } from "@/server/protocols/open-inference/codec/signature";
import { IMAGES } from "../use-version-upload";

type Image = NonNullable<Signature["inputs"][number]["image"]>;
type Scaling = Exclude<keyof typeof IMAGES, "none"> | "other";

const LABELS: Record<Scaling, string> = {
  plain: "0 to 255, as they are",
  unit: "0 to 1",
  centered: "−1 to 1",
  imagenet: "ImageNet’s mean and deviation",
  other: "Numbers of its own",
};

/** Which of the usual ways an image is scaled by. */
function scalingOf({ scale, mean, std }: Image): Scaling {
  const found = Object.entries(IMAGES).find(([, one]) => {
    if (!one || Math.abs(one.scale - scale) > 1e-9) return false;
    const same = (a?: readonly number[], b?: readonly number[]) =>
      JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
    return (
      same("mean" in one ? one.mean : undefined, mean) &&
      same("std" in one ? one.std : undefined, std)
    );
  });
  return (found?.[0] as Scaling | undefined) ?? "other";
}

/** How pixels become the numbers of one input. */
export function ImageFields({
  name,
  image,
  onChange,
}: {
  name: string;
  image: Image;
  onChange: (image: Image) => void;
}) {
  const scaling = scalingOf(image);
  const scale = (next: Scaling) => {
    if (next === "other") return;
    const { mean: _mean, std: _std, ...rest } = image;
    const how = IMAGES[next];
    onChange({
      ...rest,
      scale: how.scale,
      ...("mean" in how ? { mean: [...how.mean] } : {}),
      ...("std" in how ? { std: [...how.std] } : {}),
    });
  };
  return (
    <fieldset className="rounded-lg border p-3 pt-1">
      <legend className="px-1 font-medium text-13">Images of {name}</legend>
      <p className="mb-3 text-fg-subtle text-xs">
        {image.width} × {image.height} pixels, {image.channels} channels, {image.layout}.
      </p>
      <div className="grid gap-4 sm:grid-cols-3">
        <SelectField
          label="Pixels become"
          value={scaling}
          onChange={scale}
          options={(Object.keys(LABELS) as Scaling[])
            .filter((value) => value !== "other" || scaling === "other")
            .map((value) => ({ value, label: LABELS[value] }))}
        />
        <SelectField
          label="Colors"
          value={image.order}
          onChange={(order) => onChange({ ...image, order })}
          options={[
            { value: "RGB", label: "Red, green, blue" },
            { value: "BGR", label: "Blue, green, red" },
          ]}
        />
        <SelectField
          label="Other proportions"
          value={image.fit}
          onChange={(fit) => onChange({ ...image, fit })}
          options={[
            { value: "stretch", label: "Stretched" },
            { value: "crop", label: "Cut off" },
            { value: "pad", label: "Given a margin" },
          ]}
        />
      </div>
    </fieldset>
  );
}
