import { Checkbox } from "@/components/ui/toggles";
import { WEBHOOK_EVENTS, type WebhookEvent } from "@/server/webhooks/constants";
import { EVENT_GROUPS, eventWords } from "./event-groups";

/** Events by area, one by one or an area at once. */
export function EventPicker({
  chosen,
  onChange,
  error,
}: {
  chosen: readonly WebhookEvent[];
  onChange: (chosen: WebhookEvent[]) => void;
  error: string | null;
}) {
  const set = (events: readonly WebhookEvent[], on: boolean) =>
    onChange(WEBHOOK_EVENTS.filter((one) => (events.includes(one) ? on : chosen.includes(one))));
  return (
    <fieldset aria-describedby={error ? "events-error" : undefined}>
      <legend className="mb-2 font-medium text-13">Events</legend>
      <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
        {EVENT_GROUPS.map(({ label, events }) => {
          const on = events.filter((event) => chosen.includes(event)).length;
          return (
            <fieldset key={label}>
              <legend className="sr-only">{label}</legend>
              <span className="font-medium">
                <Checkbox
                  label={label}
                  checked={on === events.length}
                  indeterminate={on > 0 && on < events.length}
                  onChange={(next) => set(events, next)}
                />
              </span>
              <ul className="ml-6 space-y-0.5">
                {events.map((event) => (
                  <li key={event}>
                    <Checkbox
                      label={eventWords(event)}
                      checked={chosen.includes(event)}
                      onChange={(next) => set([event], next)}
                    />
                  </li>
                ))}
              </ul>
            </fieldset>
          );
        })}
      </div>
      {error && (
        <p id="events-error" className="mt-2 text-danger text-xs">
          {error}
        </p>
      )}
    </fieldset>
  );
}
