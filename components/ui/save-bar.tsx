import { Button } from "./button";

/** The foot of a form whose fields were changed: takes the changes back, or sends the form. */
export const SaveBar = ({ onDiscard, saving }: { onDiscard: () => void; saving: boolean }) => (
  <div className="mt-4 flex justify-end gap-2">
    <Button variant="ghost" onClick={onDiscard}>
      Discard
    </Button>
    <Button type="submit" variant="primary" loading={saving}>
      Save
    </Button>
  </div>
);
