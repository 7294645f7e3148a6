/** What the metric families say of themselves that gateways and nodes both have, under Triton's names. */
export const TRITON_HELP = {
  nv_inference_request_success: "Number of successful inference requests",
  nv_inference_request_failure: "Number of failed inference requests by reason",
  nv_inference_count: "Number of inferences performed (rows)",
  nv_inference_request_duration_us: "Cumulative request duration in microseconds",
  nv_inference_queue_duration_us: "Cumulative queuing duration in microseconds",
  nv_inference_compute_infer_duration_us: "Cumulative model time in microseconds",
} as const;
