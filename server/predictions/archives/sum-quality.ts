import type { Duck } from "@/server/kernel/process/duck";
import { filesOf } from "./files-of";
import type { AnswerTo, QualityTask } from "./tasks";

/** Pairs each prediction with what came of it, by place in the request; nulls say nothing. */
export async function sumQuality(duck: Duck, task: QualityTask): Promise<AnswerTo<QualityTask>> {
  const rows = await duck.rows(
    `with pairs as (
       select l.variant_id, l.version_id, cast(floor(epoch_ms(l."at") / $slot_ms) as bigint) as slot,
         unnest(json_extract(o.outcome, '$[*]')) as truth,
         unnest(json_extract(l.outputs, '$.predictions[*]')) as predicted
       from ${filesOf(task.paths)} l join ${filesOf([task.outcomesPath], "outcomes")} o on o.id = l.request_id
       where l.deployment_id = $deployment_id and epoch_ms(l."at") >= $from_ms and epoch_ms(l."at") < $to_ms
         and l.variant_id is not null and l.version_id is not null
         and json_type(l.outputs, '$.predictions') = 'ARRAY'
         and json_array_length(l.outputs, '$.predictions') = json_array_length(o.outcome)
     ), told as (
       select variant_id, version_id, slot, json_extract_string(truth, '$') as truth, json_extract_string(predicted, '$') as predicted,
         case when json_type(truth) not in ('VARCHAR', 'BOOLEAN', 'NULL') and json_type(predicted) not in ('VARCHAR', 'BOOLEAN', 'NULL')
           then try_cast(json_extract_string(truth, '$') as double) - try_cast(json_extract_string(predicted, '$') as double) end as error
       from pairs where json_type(truth) <> 'NULL'
     )
     select variant_id, version_id, slot, count(*), count(*) filter (where truth = predicted),
       count(error), coalesce(sum(abs(error)), 0), coalesce(sum(error * error), 0)
     from told group by 1, 2, 3 order by 1, 2, 3`,
    {
      slot_ms: task.slotMs,
      deployment_id: task.deploymentId,
      from_ms: task.fromMs,
      to_ms: task.toMs,
    },
  );
  return {
    sums: rows.map(([variantId, versionId, ...numbers]) => {
      const [slot = 0, outcomes = 0, matches = 0, errors = 0, absolute = 0, squared = 0] =
        numbers.map(Number);
      return {
        ...{ variantId: String(variantId), versionId: String(versionId) },
        ...{ slot, outcomes, matches, errors, absolute, squared },
      };
    }),
  };
}
