CREATE SCHEMA "inngest";
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"public_id" text NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"scopes" text[],
	"previous_secret_hash" "bytea",
	"previous_valid_until" timestamp (3) with time zone,
	"run_id" uuid,
	"created_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "invitations" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"name" text NOT NULL,
	"email" text,
	"role" text NOT NULL,
	"created_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"accepted_at" timestamp (3) with time zone,
	CONSTRAINT "invitations_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "invitations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "members" (
	"workspace_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"role" text NOT NULL,
	"provider_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "members_workspace_id_user_id_pk" PRIMARY KEY("workspace_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "members" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "sessions" (
	"token_hash" "bytea" PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_links" (
	"token_hash" "bytea" PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "user_identities" (
	"issuer" text NOT NULL,
	"subject" text NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_identities_issuer_subject_pk" PRIMARY KEY("issuer","subject")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "workspaces" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "workspaces_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
ALTER TABLE "workspaces" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "approval_reviews" (
	"workspace_id" uuid NOT NULL,
	"approval_id" uuid NOT NULL,
	"reviewer" text NOT NULL,
	"decision" text NOT NULL,
	"comment" text DEFAULT '' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "approval_reviews_workspace_id_approval_id_reviewer_pk" PRIMARY KEY("workspace_id","approval_id","reviewer")
);
--> statement-breakpoint
ALTER TABLE "approval_reviews" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "approvals" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"from_stage" text NOT NULL,
	"to_stage" text NOT NULL,
	"state" text NOT NULL,
	"comment" text DEFAULT '' NOT NULL,
	"requested_by" text NOT NULL,
	"archive_previous" boolean,
	"gates_at_request" jsonb NOT NULL,
	"gates_at_move" jsonb,
	"conditions" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"decided_at" timestamp (3) with time zone,
	"close_reason" text,
	CONSTRAINT "approvals_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "approvals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "object_keys" (
	"workspace_id" uuid NOT NULL,
	"sha256" text NOT NULL,
	"object_id" uuid NOT NULL,
	"size_bytes" bigint NOT NULL,
	"workspace_key_id" uuid NOT NULL,
	"wrapped_key" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "object_keys_workspace_id_sha256_pk" PRIMARY KEY("workspace_id","sha256")
);
--> statement-breakpoint
ALTER TABLE "object_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "workspace_keys" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kek_id" text NOT NULL,
	"wrapped_key" "bytea",
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"retired_at" timestamp (3) with time zone,
	"erased_at" timestamp (3) with time zone,
	CONSTRAINT "workspace_keys_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "workspace_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "batch_row_counts" (
	"workspace_id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"seconds" smallint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"answered" bigint NOT NULL,
	"failed" bigint NOT NULL,
	CONSTRAINT "batch_row_counts_pk" PRIMARY KEY("workspace_id","deployment_id","seconds","at","version_id")
);
--> statement-breakpoint
ALTER TABLE "batch_row_counts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "batch_job_errors" (
	"workspace_id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"row" bigint NOT NULL,
	"message" text NOT NULL,
	CONSTRAINT "batch_job_errors_workspace_id_job_id_row_pk" PRIMARY KEY("workspace_id","job_id","row")
);
--> statement-breakpoint
ALTER TABLE "batch_job_errors" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "batch_job_parts" (
	"workspace_id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"from_row" bigint NOT NULL,
	"to_row" bigint NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	CONSTRAINT "batch_job_parts_workspace_id_job_id_from_row_pk" PRIMARY KEY("workspace_id","job_id","from_row")
);
--> statement-breakpoint
ALTER TABLE "batch_job_parts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "batch_jobs" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"deployment_id" uuid,
	"model_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"dataset_id" uuid NOT NULL,
	"columns" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"probabilities" boolean NOT NULL,
	"on_error" text NOT NULL,
	"max_errors" integer NOT NULL,
	"status" text NOT NULL,
	"message" text,
	"error" text,
	"attempt" integer DEFAULT 1 NOT NULL,
	"run_ref" text,
	"rows_total" bigint NOT NULL,
	"rows_read" bigint DEFAULT 0 NOT NULL,
	"rows_failed" bigint DEFAULT 0 NOT NULL,
	"work_ms" bigint DEFAULT 0 NOT NULL,
	"stalled_since" timestamp (3) with time zone,
	"result_sha256" text,
	"result_bytes" bigint,
	"result_expired_at" timestamp (3) with time zone,
	"preview" jsonb,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "batch_jobs_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "batch_jobs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "benchmark_results" (
	"workspace_id" uuid NOT NULL,
	"benchmark_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"status" text NOT NULL,
	"rows" integer DEFAULT 0 NOT NULL,
	"metrics" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"duration_ms" double precision,
	"error" text,
	CONSTRAINT "benchmark_results_workspace_id_benchmark_id_version_id_pk" PRIMARY KEY("workspace_id","benchmark_id","version_id")
);
--> statement-breakpoint
ALTER TABLE "benchmark_results" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "benchmarks" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"dataset_id" uuid NOT NULL,
	"dataset_sha256" text NOT NULL,
	"target" text NOT NULL,
	"rows_max" integer NOT NULL,
	"status" text NOT NULL,
	"progress" double precision DEFAULT 0 NOT NULL,
	"error" text,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "benchmarks_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "benchmarks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "conversion_settings" (
	"workspace_id" uuid PRIMARY KEY NOT NULL,
	"allow_pickled" boolean DEFAULT false NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "conversion_settings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "model_conversions" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"status" text NOT NULL,
	"flavor" text NOT NULL,
	"form" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"method" text,
	"parity" jsonb,
	"walls" jsonb,
	"error" text,
	"log" text DEFAULT '' NOT NULL,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "model_conversions_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "model_conversions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "custom_roles" (
	"workspace_id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"permissions" text[] NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "custom_roles_workspace_id_name_pk" PRIMARY KEY("workspace_id","name")
);
--> statement-breakpoint
ALTER TABLE "custom_roles" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "dataset_previews" (
	"workspace_id" uuid NOT NULL,
	"dataset_id" uuid NOT NULL,
	"rows" jsonb NOT NULL,
	CONSTRAINT "dataset_previews_workspace_id_dataset_id_pk" PRIMARY KEY("workspace_id","dataset_id")
);
--> statement-breakpoint
ALTER TABLE "dataset_previews" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "datasets" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"version" integer NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"format" text NOT NULL,
	"delimiter" text,
	"rows" bigint NOT NULL,
	"size_bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"column_count" integer NOT NULL,
	"columns" jsonb NOT NULL,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "datasets_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "datasets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "deployment_events" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"version_id" uuid,
	"actor" jsonb NOT NULL,
	"message" text DEFAULT '' NOT NULL,
	"comment" text,
	"effect" jsonb,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "deployment_events_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "deployment_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "deployment_variants" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"name" text NOT NULL,
	"role" text DEFAULT 'stable' NOT NULL,
	"weight" integer NOT NULL,
	"replica_share" integer,
	"batching" jsonb,
	"status" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"activated_at" timestamp (3) with time zone,
	"retired_at" timestamp (3) with time zone,
	CONSTRAINT "deployment_variants_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "deployment_variants" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "deployments" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"name" text NOT NULL,
	"environment" text NOT NULL,
	"status" text NOT NULL,
	"error" text,
	"min_replicas" integer DEFAULT 1 NOT NULL,
	"max_replicas" integer DEFAULT 1 NOT NULL,
	"scaled_replicas" integer,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"revision" integer DEFAULT 0 NOT NULL,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "deployments_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "deployments" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "evaluation_dataset_experiments" (
	"workspace_id" uuid NOT NULL,
	"dataset_id" uuid NOT NULL,
	"experiment_id" uuid NOT NULL,
	CONSTRAINT "evaluation_dataset_experiments_workspace_id_dataset_id_experiment_id_pk" PRIMARY KEY("workspace_id","dataset_id","experiment_id")
);
--> statement-breakpoint
ALTER TABLE "evaluation_dataset_experiments" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "evaluation_datasets" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"digest" text NOT NULL,
	"tags" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"schema" jsonb,
	"record_count" integer DEFAULT 0 NOT NULL,
	"created_by" text,
	"updated_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "evaluation_datasets_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "evaluation_datasets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "evaluation_records" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"dataset_id" uuid NOT NULL,
	"position" bigint NOT NULL,
	"input_hash" text NOT NULL,
	"inputs" jsonb NOT NULL,
	"outputs" jsonb,
	"expectations" jsonb,
	"tags" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"source" jsonb,
	"created_by" text,
	"updated_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "evaluation_records_workspace_id_id_pk" PRIMARY KEY("workspace_id","id"),
	CONSTRAINT "evaluation_records_inputs" UNIQUE("workspace_id","dataset_id","input_hash")
);
--> statement-breakpoint
ALTER TABLE "evaluation_records" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "experiment_tags" (
	"workspace_id" uuid NOT NULL,
	"experiment_id" uuid NOT NULL,
	"key" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "experiment_tags_workspace_id_experiment_id_key_pk" PRIMARY KEY("workspace_id","experiment_id","key")
);
--> statement-breakpoint
ALTER TABLE "experiment_tags" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "experiments" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"number" integer NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "experiments_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "experiments" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_artifacts" (
	"workspace_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"path" text NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_artifacts_workspace_id_run_id_path_pk" PRIMARY KEY("workspace_id","run_id","path")
);
--> statement-breakpoint
ALTER TABLE "run_artifacts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_inputs" (
	"workspace_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"name" text NOT NULL,
	"digest" text NOT NULL,
	"source_type" text NOT NULL,
	"source" text NOT NULL,
	"schema" text,
	"profile" text,
	"context" text DEFAULT '' NOT NULL,
	"tags" jsonb DEFAULT '[]'::jsonb NOT NULL,
	CONSTRAINT "run_inputs_workspace_id_run_id_name_digest_pk" PRIMARY KEY("workspace_id","run_id","name","digest")
);
--> statement-breakpoint
ALTER TABLE "run_inputs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_latest_metrics" (
	"workspace_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"key" text NOT NULL,
	"timestamp" bigint NOT NULL,
	"step" bigint NOT NULL,
	"value" double precision NOT NULL,
	"is_nan" boolean DEFAULT false NOT NULL,
	"min_value" double precision,
	"min_step" bigint,
	"max_value" double precision,
	"max_step" bigint,
	"points" bigint NOT NULL,
	"first_step" bigint NOT NULL,
	"first_time" bigint NOT NULL,
	"last_time" bigint NOT NULL,
	"rolled_until" bigint,
	"rollups" integer DEFAULT 0 NOT NULL,
	"added_from" bigint,
	CONSTRAINT "run_latest_metrics_workspace_id_run_id_key_pk" PRIMARY KEY("workspace_id","run_id","key")
);
--> statement-breakpoint
ALTER TABLE "run_latest_metrics" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_metric_rollups" (
	"workspace_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"key" text NOT NULL,
	"data" "bytea" NOT NULL,
	CONSTRAINT "run_metric_rollups_workspace_id_run_id_key_pk" PRIMARY KEY("workspace_id","run_id","key")
);
--> statement-breakpoint
ALTER TABLE "run_metric_rollups" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_metrics" (
	"workspace_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"key" text NOT NULL,
	"timestamp" bigint NOT NULL,
	"step" bigint NOT NULL,
	"value" double precision NOT NULL,
	"is_nan" boolean DEFAULT false NOT NULL,
	CONSTRAINT "run_metrics_workspace_id_run_id_key_timestamp_step_value_is_nan_pk" PRIMARY KEY("workspace_id","run_id","key","timestamp","step","value","is_nan")
) PARTITION BY HASH ("workspace_id", "run_id");
--> statement-breakpoint
CREATE TABLE "run_metrics_p0" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 0);
--> statement-breakpoint
CREATE TABLE "run_metrics_p1" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 1);
--> statement-breakpoint
CREATE TABLE "run_metrics_p2" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 2);
--> statement-breakpoint
CREATE TABLE "run_metrics_p3" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 3);
--> statement-breakpoint
CREATE TABLE "run_metrics_p4" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 4);
--> statement-breakpoint
CREATE TABLE "run_metrics_p5" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 5);
--> statement-breakpoint
CREATE TABLE "run_metrics_p6" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 6);
--> statement-breakpoint
CREATE TABLE "run_metrics_p7" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 7);
--> statement-breakpoint
CREATE TABLE "run_metrics_p8" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 8);
--> statement-breakpoint
CREATE TABLE "run_metrics_p9" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 9);
--> statement-breakpoint
CREATE TABLE "run_metrics_p10" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 10);
--> statement-breakpoint
CREATE TABLE "run_metrics_p11" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 11);
--> statement-breakpoint
CREATE TABLE "run_metrics_p12" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 12);
--> statement-breakpoint
CREATE TABLE "run_metrics_p13" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 13);
--> statement-breakpoint
CREATE TABLE "run_metrics_p14" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 14);
--> statement-breakpoint
CREATE TABLE "run_metrics_p15" PARTITION OF "run_metrics" FOR VALUES WITH (MODULUS 16, REMAINDER 15);
--> statement-breakpoint
ALTER TABLE "run_metrics" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_params" (
	"workspace_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"key" text NOT NULL,
	"value" text NOT NULL,
	"value_head" text GENERATED ALWAYS AS (left(value, 128)) STORED NOT NULL,
	CONSTRAINT "run_params_workspace_id_run_id_key_pk" PRIMARY KEY("workspace_id","run_id","key")
);
--> statement-breakpoint
ALTER TABLE "run_params" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_tags" (
	"workspace_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"key" text NOT NULL,
	"value" text NOT NULL,
	"value_head" text GENERATED ALWAYS AS (left(value, 128)) STORED NOT NULL,
	CONSTRAINT "run_tags_workspace_id_run_id_key_pk" PRIMARY KEY("workspace_id","run_id","key")
);
--> statement-breakpoint
ALTER TABLE "run_tags" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "runs" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"experiment_id" uuid NOT NULL,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"user_name" text DEFAULT '' NOT NULL,
	"start_time" bigint NOT NULL,
	"end_time" bigint,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "runs_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "runs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "grants" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"model_id" uuid,
	"environment" text,
	"action" text NOT NULL,
	"grantee_type" text NOT NULL,
	"grantee" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "grants_workspace_id_id_pk" PRIMARY KEY("workspace_id","id"),
	CONSTRAINT "grants_one_subject" CHECK ((model_id is null) <> (environment is null))
);
--> statement-breakpoint
ALTER TABLE "grants" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "artifact_objects" (
	"workspace_id" uuid NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "artifact_objects_workspace_id_sha256_pk" PRIMARY KEY("workspace_id","sha256")
);
--> statement-breakpoint
ALTER TABLE "artifact_objects" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_log" (
	"workspace_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" jsonb NOT NULL,
	"action" text NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"request_id" text NOT NULL,
	"prev_hash" "bytea" NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "audit_log_workspace_id_seq_pk" PRIMARY KEY("workspace_id","seq")
);
--> statement-breakpoint
ALTER TABLE "audit_log" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_personal" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"data" jsonb NOT NULL,
	"salt" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_personal_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "audit_personal" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "outbox" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"data" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"sent_at" timestamp (3) with time zone,
	CONSTRAINT "outbox_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "outbox" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "idempotent_answers" (
	"workspace_id" uuid NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"request_hash" "bytea",
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"status" smallint,
	"answer" "bytea",
	CONSTRAINT "idempotent_answers_workspace_id_key_hash_pk" PRIMARY KEY("workspace_id","key_hash")
);
--> statement-breakpoint
ALTER TABLE "idempotent_answers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "logged_model_artifacts" (
	"workspace_id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"path" text NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "logged_model_artifacts_workspace_id_model_id_path_pk" PRIMARY KEY("workspace_id","model_id","path")
);
--> statement-breakpoint
ALTER TABLE "logged_model_artifacts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "logged_model_metrics" (
	"workspace_id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"key" text NOT NULL,
	"run_id" uuid NOT NULL,
	"timestamp" bigint NOT NULL,
	"step" bigint NOT NULL,
	"value" double precision NOT NULL,
	"is_nan" boolean DEFAULT false NOT NULL,
	"dataset_name" text DEFAULT '' NOT NULL,
	"dataset_digest" text DEFAULT '' NOT NULL,
	"dataset_key" text GENERATED ALWAYS AS (md5(dataset_digest || ' ' || dataset_name)) STORED NOT NULL,
	CONSTRAINT "logged_model_metrics_workspace_id_model_id_key_dataset_key_step_timestamp_value_is_nan_run_id_pk" PRIMARY KEY("workspace_id","model_id","key","dataset_key","step","timestamp","value","is_nan","run_id")
);
--> statement-breakpoint
ALTER TABLE "logged_model_metrics" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "logged_models" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"experiment_id" uuid NOT NULL,
	"source_run_id" uuid,
	"name" text NOT NULL,
	"model_type" text DEFAULT '' NOT NULL,
	"status" text NOT NULL,
	"params" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"tags" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "logged_models_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "logged_models" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_models" (
	"workspace_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"direction" text NOT NULL,
	"model_id" uuid NOT NULL,
	"step" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "run_models_workspace_id_run_id_direction_model_id_pk" PRIMARY KEY("workspace_id","run_id","direction","model_id")
);
--> statement-breakpoint
ALTER TABLE "run_models" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "model_aliases" (
	"workspace_id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"alias" text NOT NULL,
	"version_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_aliases_workspace_id_model_id_alias_pk" PRIMARY KEY("workspace_id","model_id","alias")
);
--> statement-breakpoint
ALTER TABLE "model_aliases" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "model_version_tags" (
	"workspace_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"key" text NOT NULL,
	"value" text NOT NULL,
	"value_head" text GENERATED ALWAYS AS (left(value, 128)) STORED NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_version_tags_workspace_id_version_id_key_pk" PRIMARY KEY("workspace_id","version_id","key")
);
--> statement-breakpoint
ALTER TABLE "model_version_tags" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "model_cards" (
	"workspace_id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"content" text NOT NULL,
	"written_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_cards_workspace_id_model_id_revision_pk" PRIMARY KEY("workspace_id","model_id","revision")
);
--> statement-breakpoint
ALTER TABLE "model_cards" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "model_signatures" (
	"workspace_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"signature" jsonb NOT NULL,
	"note" text DEFAULT '' NOT NULL,
	"changed_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_signatures_workspace_id_version_id_revision_pk" PRIMARY KEY("workspace_id","version_id","revision")
);
--> statement-breakpoint
ALTER TABLE "model_signatures" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "external_models" (
	"workspace_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"url" text NOT NULL,
	"remote_model" text NOT NULL,
	"remote_version" text,
	"binary_tensors" boolean NOT NULL,
	"output_names" jsonb NOT NULL,
	"credential" text NOT NULL,
	"header_name" text,
	"secret" "bytea",
	"last_check" jsonb NOT NULL,
	"checked_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "external_models_workspace_id_version_id_pk" PRIMARY KEY("workspace_id","version_id")
);
--> statement-breakpoint
ALTER TABLE "external_models" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "inference_nodes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"url" text NOT NULL,
	"labels" jsonb NOT NULL,
	"device" text NOT NULL,
	"memory_bytes" bigint NOT NULL,
	"models_max" integer NOT NULL,
	"version" text NOT NULL,
	"load" jsonb NOT NULL,
	"draining_since" timestamp (3) with time zone,
	"registered_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inference_nodes_url_unique" UNIQUE("url")
);
--> statement-breakpoint
CREATE TABLE "oidc_providers" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"issuer" text NOT NULL,
	"client_id" text NOT NULL,
	"client_secret" "bytea",
	"algorithm" text NOT NULL,
	"scopes" text NOT NULL,
	"group_claim" text NOT NULL,
	"group_roles" jsonb NOT NULL,
	"enabled" boolean NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "oidc_providers_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "oidc_providers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "prediction_archives" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"from_at" timestamp (3) with time zone NOT NULL,
	"to_at" timestamp (3) with time zone NOT NULL,
	"requests" integer NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "prediction_archives_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "prediction_archives" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "prediction_retention" (
	"workspace_id" uuid PRIMARY KEY NOT NULL,
	"keep_days" integer NOT NULL,
	"archive_days" integer NOT NULL,
	"result_days" integer DEFAULT 0 NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "prediction_retention" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "prediction_counts" (
	"workspace_id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"seconds" smallint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"variant_id" uuid NOT NULL,
	"status_class" smallint NOT NULL,
	"is_pinned" boolean DEFAULT false NOT NULL,
	"writer" uuid NOT NULL,
	"requests" bigint NOT NULL,
	"rows" bigint NOT NULL,
	"cache_hits" bigint NOT NULL,
	"latency_us_sum" bigint NOT NULL,
	"queue_us_sum" bigint NOT NULL,
	"compute_us_sum" bigint NOT NULL,
	"latency_buckets" smallint[] DEFAULT '{}' NOT NULL,
	"latency_counts" integer[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "prediction_counts_pk" PRIMARY KEY("workspace_id","deployment_id","seconds","at","variant_id","status_class","is_pinned","writer")
);
--> statement-breakpoint
ALTER TABLE "prediction_counts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "prediction_logs" (
	"workspace_id" uuid NOT NULL,
	"request_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"deployment_id" uuid NOT NULL,
	"variant_id" uuid,
	"version_id" uuid,
	"status" integer NOT NULL,
	"rows" integer NOT NULL,
	"lane" text DEFAULT 'rest' NOT NULL,
	"unit" text,
	"inputs" json,
	"outputs" json,
	"confidence" real,
	"error" text,
	"latency_us" integer NOT NULL,
	"node_us" integer,
	"queue_us" integer,
	"compute_us" integer,
	"batch_rows" integer,
	"is_cached" boolean DEFAULT false NOT NULL,
	"trace_id" text,
	"is_pinned" boolean DEFAULT false NOT NULL,
	CONSTRAINT "prediction_logs_workspace_id_request_id_at_pk" PRIMARY KEY("workspace_id","request_id","at")
) PARTITION BY RANGE ("at");
--> statement-breakpoint
ALTER TABLE "prediction_logs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "prediction_outcomes" (
	"workspace_id" uuid NOT NULL,
	"request_id" uuid NOT NULL,
	"requested_at" timestamp (3) with time zone,
	"outcome" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "prediction_outcomes_workspace_id_request_id_pk" PRIMARY KEY("workspace_id","request_id")
);
--> statement-breakpoint
ALTER TABLE "prediction_outcomes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "erasures" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"subject_digest" text NOT NULL,
	"salt" "bytea" NOT NULL,
	"state" text NOT NULL,
	"report" jsonb,
	"report_sha256" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "erasures_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "erasures" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "workspace_quotas" (
	"workspace_id" uuid PRIMARY KEY NOT NULL,
	"models_max" integer,
	"storage_bytes_max" bigint,
	"concurrent_training_max" integer,
	"requests_per_second_max" integer,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "workspace_quotas" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "model_version_artifacts" (
	"workspace_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"path" text NOT NULL,
	"kind" text NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	CONSTRAINT "model_version_artifacts_workspace_id_version_id_path_pk" PRIMARY KEY("workspace_id","version_id","path")
);
--> statement-breakpoint
ALTER TABLE "model_version_artifacts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "model_versions" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"label" text,
	"semantic_version" text,
	"description" text DEFAULT '' NOT NULL,
	"parent_version_id" uuid,
	"run_id" uuid,
	"dataset_id" uuid,
	"dataset_sha256" text,
	"training_job_id" uuid,
	"algorithm" text,
	"task" text NOT NULL,
	"hyperparameters" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"metrics" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"signature" jsonb,
	"signature_revision" integer DEFAULT 1 NOT NULL,
	"input_example" jsonb,
	"environment" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"parity" jsonb,
	"seed" bigint,
	"duration_seconds" integer,
	"stage" text DEFAULT 'development' NOT NULL,
	"source" text,
	"source_location" text,
	"source_run" text,
	"source_model_id" uuid,
	"run_link" text DEFAULT '' NOT NULL,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "model_versions_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "model_versions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "models" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"type" text NOT NULL,
	"framework" text NOT NULL,
	"features" jsonb,
	"target_variable" text,
	"hyperparameters" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"tags" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"card" text DEFAULT '' NOT NULL,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "models_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "models" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "roll_out_analyses" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"roll_out_id" uuid NOT NULL,
	"look" integer NOT NULL,
	"step" integer NOT NULL,
	"metric" text NOT NULL,
	"stable_count" integer NOT NULL,
	"stable_value" double precision,
	"candidate_count" integer NOT NULL,
	"candidate_value" double precision,
	"statistic" double precision,
	"p_value" double precision,
	"lower_bound" double precision,
	"upper_bound" double precision,
	"verdict" text NOT NULL,
	"message" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "roll_out_analyses_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "roll_out_analyses" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "roll_outs" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"candidate_id" uuid NOT NULL,
	"stable_id" uuid,
	"strategy" text NOT NULL,
	"plan" jsonb NOT NULL,
	"baseline" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"state" text NOT NULL,
	"step" integer DEFAULT -1 NOT NULL,
	"step_started_at" timestamp (3) with time zone,
	"due_at" timestamp (3) with time zone,
	"remaining_ms" integer,
	"slow_above_us" integer,
	"slow_since" timestamp (3) with time zone,
	"reason" text,
	"comment" text,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "roll_outs_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "roll_outs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "deployment_loads" (
	"workspace_id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"at" timestamp (6) with time zone NOT NULL,
	"writer" uuid NOT NULL,
	"seconds" real NOT NULL,
	"concurrency" real NOT NULL,
	"requests" integer NOT NULL,
	"ready" integer NOT NULL,
	CONSTRAINT "deployment_loads_workspace_id_deployment_id_at_writer_pk" PRIMARY KEY("workspace_id","deployment_id","at","writer")
);
--> statement-breakpoint
ALTER TABLE "deployment_loads" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "deployment_scale_points" (
	"workspace_id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"wanted" integer NOT NULL,
	"ready" integer NOT NULL,
	"concurrency" real NOT NULL,
	"requests_per_second" real NOT NULL,
	CONSTRAINT "deployment_scale_points_workspace_id_deployment_id_at_pk" PRIMARY KEY("workspace_id","deployment_id","at")
);
--> statement-breakpoint
ALTER TABLE "deployment_scale_points" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "deployment_scales" (
	"workspace_id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"last_request_at" timestamp (3) with time zone,
	"panic_at" timestamp (3) with time zone,
	"panic_replicas" integer DEFAULT 0 NOT NULL,
	"event_id" uuid,
	"series" integer[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "deployment_scales_workspace_id_deployment_id_pk" PRIMARY KEY("workspace_id","deployment_id")
);
--> statement-breakpoint
ALTER TABLE "deployment_scales" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "shadow_comparisons" (
	"workspace_id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"variant_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"requests" bigint NOT NULL,
	"rows" bigint NOT NULL,
	"equal" bigint NOT NULL,
	"flips" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"dropped" bigint NOT NULL,
	"difference_max" double precision NOT NULL,
	"difference_sum" double precision NOT NULL,
	"latency_us_sum" bigint NOT NULL,
	"shadow_latency_us_sum" bigint NOT NULL,
	CONSTRAINT "shadow_comparisons_workspace_id_deployment_id_variant_id_at_pk" PRIMARY KEY("workspace_id","deployment_id","variant_id","at")
);
--> statement-breakpoint
ALTER TABLE "shadow_comparisons" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "shadow_examples" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"variant_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"flips" integer NOT NULL,
	"difference" double precision NOT NULL,
	"inputs" jsonb,
	"sent" jsonb,
	"shadow" jsonb,
	CONSTRAINT "shadow_examples_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "shadow_examples" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "stages" (
	"workspace_id" uuid NOT NULL,
	"key" text NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"position" integer NOT NULL,
	"color" text NOT NULL,
	"serving" boolean NOT NULL,
	"needs_approval" boolean NOT NULL,
	"reviewers" jsonb NOT NULL,
	"gates" jsonb NOT NULL,
	"archives_previous" boolean NOT NULL,
	"mlflow_stage" text NOT NULL,
	"request_days" integer NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "stages_workspace_id_key_pk" PRIMARY KEY("workspace_id","key")
);
--> statement-breakpoint
ALTER TABLE "stages" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_traces" (
	"workspace_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"trace_id" text NOT NULL,
	CONSTRAINT "run_traces_workspace_id_run_id_trace_id_pk" PRIMARY KEY("workspace_id","run_id","trace_id")
);
--> statement-breakpoint
ALTER TABLE "run_traces" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "trace_artifacts" (
	"workspace_id" uuid NOT NULL,
	"trace_id" text NOT NULL,
	"path" text NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "trace_artifacts_workspace_id_trace_id_path_pk" PRIMARY KEY("workspace_id","trace_id","path")
);
--> statement-breakpoint
ALTER TABLE "trace_artifacts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "trace_assessments" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"trace_id" text NOT NULL,
	"name" text NOT NULL,
	"body" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "trace_assessments_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "trace_assessments" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "trace_prompts" (
	"workspace_id" uuid NOT NULL,
	"trace_id" text NOT NULL,
	"prompt" text NOT NULL,
	CONSTRAINT "trace_prompts_workspace_id_trace_id_prompt_pk" PRIMARY KEY("workspace_id","trace_id","prompt")
);
--> statement-breakpoint
ALTER TABLE "trace_prompts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "trace_spans" (
	"workspace_id" uuid NOT NULL,
	"trace_id" text NOT NULL,
	"span_id" text NOT NULL,
	"name" text NOT NULL,
	"type" text,
	"status" text NOT NULL,
	"start_time" bigint NOT NULL,
	"body" jsonb NOT NULL,
	CONSTRAINT "trace_spans_workspace_id_trace_id_span_id_pk" PRIMARY KEY("workspace_id","trace_id","span_id")
);
--> statement-breakpoint
ALTER TABLE "trace_spans" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "traces" (
	"workspace_id" uuid NOT NULL,
	"id" text NOT NULL,
	"experiment_id" uuid NOT NULL,
	"client_request_id" text,
	"request_time" bigint NOT NULL,
	"duration_ms" bigint,
	"state" text NOT NULL,
	"request_preview" text,
	"response_preview" text,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"tags" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "traces_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "traces" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "training_jobs" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"dataset_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"version_id" uuid,
	"algorithm" text NOT NULL,
	"task" text NOT NULL,
	"target" text NOT NULL,
	"features" jsonb,
	"hyperparameters" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"validation_split" double precision NOT NULL,
	"test_split" double precision NOT NULL,
	"seed" bigint NOT NULL,
	"version_label" text,
	"description" text DEFAULT '' NOT NULL,
	"priority" integer DEFAULT 0 NOT NULL,
	"status" text NOT NULL,
	"progress" double precision DEFAULT 0 NOT NULL,
	"message" text,
	"error" text,
	"attempt" integer DEFAULT 0 NOT NULL,
	"submitted_at" timestamp (3) with time zone,
	"not_before" timestamp (3) with time zone,
	"lease_token" uuid,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone,
	"backend_ref" jsonb,
	"trained_at" timestamp (3) with time zone,
	"cancel_requested_at" timestamp (3) with time zone,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "training_jobs_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "training_jobs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "training_logs" (
	"workspace_id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"offset_bytes" bigint NOT NULL,
	"text" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "training_logs_workspace_id_job_id_offset_bytes_pk" PRIMARY KEY("workspace_id","job_id","offset_bytes")
);
--> statement-breakpoint
ALTER TABLE "training_logs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "artifact_upload_parts" (
	"workspace_id" uuid NOT NULL,
	"upload_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "artifact_upload_parts_workspace_id_upload_id_number_pk" PRIMARY KEY("workspace_id","upload_id","number")
);
--> statement-breakpoint
ALTER TABLE "artifact_upload_parts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "artifact_uploads" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"owner_kind" text NOT NULL,
	"owner_id" text NOT NULL,
	"path" text NOT NULL,
	"parts" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "artifact_uploads_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "artifact_uploads" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "saved_views" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"page" text NOT NULL,
	"name" text NOT NULL,
	"state" jsonb NOT NULL,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "saved_views_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "saved_views" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"webhook_id" uuid NOT NULL,
	"event_id" text NOT NULL,
	"event" text NOT NULL,
	"body" text NOT NULL,
	"status" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"response_status" integer,
	"error" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_tried_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_deliveries_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhooks" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"url" text NOT NULL,
	"events" text[] NOT NULL,
	"secret" "bytea",
	"status" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "webhooks_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "webhooks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "inngest"."attempts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "inngest"."attempts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" text NOT NULL,
	"kind" text NOT NULL,
	"step_id" text,
	"attempt" integer NOT NULL,
	"worker" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone NOT NULL,
	"outcome" text NOT NULL,
	"error" json
);
--> statement-breakpoint
CREATE TABLE "inngest"."events" (
	"internal_id" text PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"name" text NOT NULL,
	"payload" json NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"routed" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inngest"."functions" (
	"id" text PRIMARY KEY NOT NULL,
	"app_id" text NOT NULL,
	"revision" bigint NOT NULL,
	"config" json NOT NULL,
	"active" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inngest"."jobs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "inngest"."jobs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"dedupe" text NOT NULL,
	"run_id" text NOT NULL,
	"function_id" text NOT NULL,
	"kind" text NOT NULL,
	"step_id" text,
	"payload" json,
	"run_at" timestamp with time zone NOT NULL,
	"sort_at" timestamp with time zone NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"max_attempts" integer NOT NULL,
	"concurrency_keys" text[] NOT NULL,
	"concurrency_limits" integer[] NOT NULL,
	"token" uuid,
	"lease_until" timestamp with time zone,
	"worker" text,
	CONSTRAINT "jobs_dedupe_unique" UNIQUE("dedupe")
);
--> statement-breakpoint
CREATE TABLE "inngest"."once_keys" (
	"key" text PRIMARY KEY NOT NULL,
	"ref" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inngest"."runs" (
	"id" text PRIMARY KEY NOT NULL,
	"function_id" text NOT NULL,
	"event_id" text NOT NULL,
	"status" text NOT NULL,
	"seq" integer DEFAULT 0 NOT NULL,
	"step_count" integer DEFAULT 0 NOT NULL,
	"state_bytes" bigint DEFAULT 0 NOT NULL,
	"force_plan" boolean DEFAULT false NOT NULL,
	"request_version" integer,
	"concurrency_keys" text[] NOT NULL,
	"concurrency_limits" integer[] NOT NULL,
	"priority" integer DEFAULT 0 NOT NULL,
	"singleton_key" text,
	"parent_run_id" text,
	"parent_step_id" text,
	"output" json,
	"error" json,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "inngest"."schedules" (
	"function_id" text NOT NULL,
	"cron" text NOT NULL,
	"next_at" timestamp with time zone NOT NULL,
	CONSTRAINT "schedules_function_id_cron_pk" PRIMARY KEY("function_id","cron")
);
--> statement-breakpoint
CREATE TABLE "inngest"."steps" (
	"run_id" text NOT NULL,
	"id" text NOT NULL,
	"op" text NOT NULL,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"seq" integer,
	"result" json,
	"race" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "steps_run_id_id_pk" PRIMARY KEY("run_id","id")
);
--> statement-breakpoint
CREATE TABLE "inngest"."waits" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "inngest"."waits_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" text NOT NULL,
	"step_id" text,
	"event" text NOT NULL,
	"expression" text,
	"equality" text,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_identities" ADD CONSTRAINT "user_identities_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_reviews" ADD CONSTRAINT "approval_reviews_workspace_id_approval_id_approvals_workspace_id_id_fk" FOREIGN KEY ("workspace_id","approval_id") REFERENCES "public"."approvals"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_workspace_id_model_id_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."models"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_workspace_id_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "object_keys" ADD CONSTRAINT "object_keys_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "object_keys" ADD CONSTRAINT "object_keys_workspace_id_workspace_key_id_workspace_keys_workspace_id_id_fk" FOREIGN KEY ("workspace_id","workspace_key_id") REFERENCES "public"."workspace_keys"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_keys" ADD CONSTRAINT "workspace_keys_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_job_errors" ADD CONSTRAINT "batch_job_errors_workspace_id_job_id_batch_jobs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","job_id") REFERENCES "public"."batch_jobs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_job_parts" ADD CONSTRAINT "batch_job_parts_workspace_id_job_id_batch_jobs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","job_id") REFERENCES "public"."batch_jobs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_job_parts" ADD CONSTRAINT "batch_job_parts_workspace_id_sha256_artifact_objects_workspace_id_sha256_fk" FOREIGN KEY ("workspace_id","sha256") REFERENCES "public"."artifact_objects"("workspace_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_jobs" ADD CONSTRAINT "batch_jobs_workspace_id_deployment_id_deployments_workspace_id_id_fk" FOREIGN KEY ("workspace_id","deployment_id") REFERENCES "public"."deployments"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_jobs" ADD CONSTRAINT "batch_jobs_workspace_id_model_id_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."models"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_jobs" ADD CONSTRAINT "batch_jobs_workspace_id_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_jobs" ADD CONSTRAINT "batch_jobs_workspace_id_dataset_id_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."datasets"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_jobs" ADD CONSTRAINT "batch_jobs_workspace_id_result_sha256_artifact_objects_workspace_id_sha256_fk" FOREIGN KEY ("workspace_id","result_sha256") REFERENCES "public"."artifact_objects"("workspace_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "benchmark_results" ADD CONSTRAINT "benchmark_results_workspace_id_benchmark_id_benchmarks_workspace_id_id_fk" FOREIGN KEY ("workspace_id","benchmark_id") REFERENCES "public"."benchmarks"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "benchmark_results" ADD CONSTRAINT "benchmark_results_workspace_id_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "benchmarks" ADD CONSTRAINT "benchmarks_workspace_id_model_id_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."models"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "benchmarks" ADD CONSTRAINT "benchmarks_workspace_id_dataset_id_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."datasets"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "conversion_settings" ADD CONSTRAINT "conversion_settings_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_conversions" ADD CONSTRAINT "model_conversions_workspace_id_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "custom_roles" ADD CONSTRAINT "custom_roles_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_previews" ADD CONSTRAINT "dataset_previews_workspace_id_dataset_id_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."datasets"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "datasets" ADD CONSTRAINT "datasets_workspace_id_sha256_artifact_objects_workspace_id_sha256_fk" FOREIGN KEY ("workspace_id","sha256") REFERENCES "public"."artifact_objects"("workspace_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployment_events" ADD CONSTRAINT "deployment_events_workspace_id_deployment_id_deployments_workspace_id_id_fk" FOREIGN KEY ("workspace_id","deployment_id") REFERENCES "public"."deployments"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployment_variants" ADD CONSTRAINT "deployment_variants_workspace_id_deployment_id_deployments_workspace_id_id_fk" FOREIGN KEY ("workspace_id","deployment_id") REFERENCES "public"."deployments"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployment_variants" ADD CONSTRAINT "deployment_variants_workspace_id_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_workspace_id_model_id_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."models"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_dataset_experiments" ADD CONSTRAINT "evaluation_dataset_experiments_workspace_id_dataset_id_evaluation_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."evaluation_datasets"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_dataset_experiments" ADD CONSTRAINT "evaluation_dataset_experiments_workspace_id_experiment_id_experiments_workspace_id_id_fk" FOREIGN KEY ("workspace_id","experiment_id") REFERENCES "public"."experiments"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_records" ADD CONSTRAINT "evaluation_records_workspace_id_dataset_id_evaluation_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."evaluation_datasets"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "experiment_tags" ADD CONSTRAINT "experiment_tags_workspace_id_experiment_id_experiments_workspace_id_id_fk" FOREIGN KEY ("workspace_id","experiment_id") REFERENCES "public"."experiments"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_artifacts" ADD CONSTRAINT "run_artifacts_workspace_id_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_artifacts" ADD CONSTRAINT "run_artifacts_workspace_id_sha256_artifact_objects_workspace_id_sha256_fk" FOREIGN KEY ("workspace_id","sha256") REFERENCES "public"."artifact_objects"("workspace_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_inputs" ADD CONSTRAINT "run_inputs_workspace_id_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_latest_metrics" ADD CONSTRAINT "run_latest_metrics_workspace_id_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_metric_rollups" ADD CONSTRAINT "run_metric_rollups_workspace_id_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_params" ADD CONSTRAINT "run_params_workspace_id_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_tags" ADD CONSTRAINT "run_tags_workspace_id_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_workspace_id_experiment_id_experiments_workspace_id_id_fk" FOREIGN KEY ("workspace_id","experiment_id") REFERENCES "public"."experiments"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_workspace_id_model_id_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."models"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "artifact_objects" ADD CONSTRAINT "artifact_objects_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_personal" ADD CONSTRAINT "audit_personal_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotent_answers" ADD CONSTRAINT "idempotent_answers_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "logged_model_artifacts" ADD CONSTRAINT "logged_model_artifacts_workspace_id_model_id_logged_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."logged_models"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "logged_model_artifacts" ADD CONSTRAINT "logged_model_artifacts_workspace_id_sha256_artifact_objects_workspace_id_sha256_fk" FOREIGN KEY ("workspace_id","sha256") REFERENCES "public"."artifact_objects"("workspace_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "logged_model_metrics" ADD CONSTRAINT "logged_model_metrics_workspace_id_model_id_logged_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."logged_models"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "logged_model_metrics" ADD CONSTRAINT "logged_model_metrics_workspace_id_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "logged_models" ADD CONSTRAINT "logged_models_workspace_id_experiment_id_experiments_workspace_id_id_fk" FOREIGN KEY ("workspace_id","experiment_id") REFERENCES "public"."experiments"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "logged_models" ADD CONSTRAINT "logged_models_workspace_id_source_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","source_run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_models" ADD CONSTRAINT "run_models_workspace_id_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_models" ADD CONSTRAINT "run_models_workspace_id_model_id_logged_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."logged_models"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_aliases" ADD CONSTRAINT "model_aliases_workspace_id_model_id_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."models"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_aliases" ADD CONSTRAINT "model_aliases_workspace_id_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_version_tags" ADD CONSTRAINT "model_version_tags_workspace_id_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_cards" ADD CONSTRAINT "model_cards_workspace_id_model_id_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."models"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_signatures" ADD CONSTRAINT "model_signatures_workspace_id_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "external_models" ADD CONSTRAINT "external_models_workspace_id_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oidc_providers" ADD CONSTRAINT "oidc_providers_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prediction_archives" ADD CONSTRAINT "prediction_archives_workspace_id_sha256_artifact_objects_workspace_id_sha256_fk" FOREIGN KEY ("workspace_id","sha256") REFERENCES "public"."artifact_objects"("workspace_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prediction_retention" ADD CONSTRAINT "prediction_retention_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_quotas" ADD CONSTRAINT "workspace_quotas_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_version_artifacts" ADD CONSTRAINT "model_version_artifacts_workspace_id_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_version_artifacts" ADD CONSTRAINT "model_version_artifacts_workspace_id_sha256_artifact_objects_workspace_id_sha256_fk" FOREIGN KEY ("workspace_id","sha256") REFERENCES "public"."artifact_objects"("workspace_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_workspace_id_model_id_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."models"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_workspace_id_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_workspace_id_dataset_id_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."datasets"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_workspace_id_parent_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","parent_version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "roll_out_analyses" ADD CONSTRAINT "roll_out_analyses_workspace_id_roll_out_id_roll_outs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","roll_out_id") REFERENCES "public"."roll_outs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "roll_outs" ADD CONSTRAINT "roll_outs_workspace_id_deployment_id_deployments_workspace_id_id_fk" FOREIGN KEY ("workspace_id","deployment_id") REFERENCES "public"."deployments"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "roll_outs" ADD CONSTRAINT "roll_outs_workspace_id_candidate_id_deployment_variants_workspace_id_id_fk" FOREIGN KEY ("workspace_id","candidate_id") REFERENCES "public"."deployment_variants"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shadow_comparisons" ADD CONSTRAINT "shadow_comparisons_workspace_id_deployment_id_deployments_workspace_id_id_fk" FOREIGN KEY ("workspace_id","deployment_id") REFERENCES "public"."deployments"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shadow_examples" ADD CONSTRAINT "shadow_examples_workspace_id_deployment_id_deployments_workspace_id_id_fk" FOREIGN KEY ("workspace_id","deployment_id") REFERENCES "public"."deployments"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stages" ADD CONSTRAINT "stages_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_traces" ADD CONSTRAINT "run_traces_workspace_id_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_traces" ADD CONSTRAINT "run_traces_workspace_id_trace_id_traces_workspace_id_id_fk" FOREIGN KEY ("workspace_id","trace_id") REFERENCES "public"."traces"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trace_artifacts" ADD CONSTRAINT "trace_artifacts_workspace_id_trace_id_traces_workspace_id_id_fk" FOREIGN KEY ("workspace_id","trace_id") REFERENCES "public"."traces"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trace_artifacts" ADD CONSTRAINT "trace_artifacts_workspace_id_sha256_artifact_objects_workspace_id_sha256_fk" FOREIGN KEY ("workspace_id","sha256") REFERENCES "public"."artifact_objects"("workspace_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trace_assessments" ADD CONSTRAINT "trace_assessments_workspace_id_trace_id_traces_workspace_id_id_fk" FOREIGN KEY ("workspace_id","trace_id") REFERENCES "public"."traces"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trace_prompts" ADD CONSTRAINT "trace_prompts_workspace_id_trace_id_traces_workspace_id_id_fk" FOREIGN KEY ("workspace_id","trace_id") REFERENCES "public"."traces"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trace_spans" ADD CONSTRAINT "trace_spans_workspace_id_trace_id_traces_workspace_id_id_fk" FOREIGN KEY ("workspace_id","trace_id") REFERENCES "public"."traces"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "traces" ADD CONSTRAINT "traces_workspace_id_experiment_id_experiments_workspace_id_id_fk" FOREIGN KEY ("workspace_id","experiment_id") REFERENCES "public"."experiments"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_jobs" ADD CONSTRAINT "training_jobs_workspace_id_model_id_models_workspace_id_id_fk" FOREIGN KEY ("workspace_id","model_id") REFERENCES "public"."models"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_jobs" ADD CONSTRAINT "training_jobs_workspace_id_dataset_id_datasets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","dataset_id") REFERENCES "public"."datasets"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_jobs" ADD CONSTRAINT "training_jobs_workspace_id_run_id_runs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","run_id") REFERENCES "public"."runs"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_jobs" ADD CONSTRAINT "training_jobs_workspace_id_version_id_model_versions_workspace_id_id_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."model_versions"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_logs" ADD CONSTRAINT "training_logs_workspace_id_job_id_training_jobs_workspace_id_id_fk" FOREIGN KEY ("workspace_id","job_id") REFERENCES "public"."training_jobs"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "artifact_upload_parts" ADD CONSTRAINT "artifact_upload_parts_workspace_id_upload_id_artifact_uploads_workspace_id_id_fk" FOREIGN KEY ("workspace_id","upload_id") REFERENCES "public"."artifact_uploads"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "artifact_upload_parts" ADD CONSTRAINT "artifact_upload_parts_workspace_id_sha256_artifact_objects_workspace_id_sha256_fk" FOREIGN KEY ("workspace_id","sha256") REFERENCES "public"."artifact_objects"("workspace_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_workspace_id_webhook_id_webhooks_workspace_id_id_fk" FOREIGN KEY ("workspace_id","webhook_id") REFERENCES "public"."webhooks"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inngest"."attempts" ADD CONSTRAINT "attempts_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "inngest"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inngest"."jobs" ADD CONSTRAINT "jobs_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "inngest"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inngest"."runs" ADD CONSTRAINT "runs_event_id_events_internal_id_fk" FOREIGN KEY ("event_id") REFERENCES "inngest"."events"("internal_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inngest"."steps" ADD CONSTRAINT "steps_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "inngest"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inngest"."waits" ADD CONSTRAINT "waits_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "inngest"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_public_id" ON "api_keys" USING btree ("public_id");--> statement-breakpoint
CREATE UNIQUE INDEX "invitations_token" ON "invitations" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "members_user" ON "members" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "approvals_created" ON "approvals" USING btree ("workspace_id","created_at","id");--> statement-breakpoint
CREATE INDEX "approvals_version" ON "approvals" USING btree ("workspace_id","version_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "approvals_one_open" ON "approvals" USING btree ("workspace_id","version_id") WHERE state in ('pending', 'conditional');--> statement-breakpoint
CREATE INDEX "object_keys_workspace_key" ON "object_keys" USING btree ("workspace_id","workspace_key_id","sha256");--> statement-breakpoint
CREATE UNIQUE INDEX "workspace_keys_current" ON "workspace_keys" USING btree ("workspace_id") WHERE retired_at is null;--> statement-breakpoint
CREATE INDEX "batch_row_counts_old" ON "batch_row_counts" USING btree ("workspace_id","seconds","at");--> statement-breakpoint
CREATE INDEX "batch_jobs_created" ON "batch_jobs" USING btree ("workspace_id","created_at","id");--> statement-breakpoint
CREATE INDEX "batch_jobs_open" ON "batch_jobs" USING btree ("workspace_id","created_at") WHERE status in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "benchmark_results_version" ON "benchmark_results" USING btree ("workspace_id","version_id");--> statement-breakpoint
CREATE INDEX "benchmarks_model" ON "benchmarks" USING btree ("workspace_id","model_id","created_at","id");--> statement-breakpoint
CREATE INDEX "model_conversions_version" ON "model_conversions" USING btree ("workspace_id","version_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "model_conversions_open" ON "model_conversions" USING btree ("workspace_id","version_id") WHERE status in ('queued', 'running');--> statement-breakpoint
CREATE UNIQUE INDEX "datasets_name_version" ON "datasets" USING btree ("workspace_id",lower("name"),"version");--> statement-breakpoint
CREATE INDEX "datasets_created" ON "datasets" USING btree ("workspace_id","created_at","id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "deployment_events_deployment" ON "deployment_events" USING btree ("workspace_id","deployment_id","at");--> statement-breakpoint
CREATE INDEX "deployment_variants_deployment" ON "deployment_variants" USING btree ("workspace_id","deployment_id");--> statement-breakpoint
CREATE UNIQUE INDEX "deployments_name" ON "deployments" USING btree ("workspace_id","name") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "deployments_model" ON "deployments" USING btree ("workspace_id","model_id");--> statement-breakpoint
CREATE INDEX "evaluation_dataset_experiments_experiment" ON "evaluation_dataset_experiments" USING btree ("workspace_id","experiment_id");--> statement-breakpoint
CREATE INDEX "evaluation_datasets_created" ON "evaluation_datasets" USING btree ("workspace_id","created_at","id");--> statement-breakpoint
CREATE INDEX "evaluation_records_position" ON "evaluation_records" USING btree ("workspace_id","dataset_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "experiments_number" ON "experiments" USING btree ("workspace_id","number");--> statement-breakpoint
CREATE UNIQUE INDEX "experiments_name" ON "experiments" USING btree ("workspace_id","name");--> statement-breakpoint
CREATE INDEX "run_latest_metrics_value" ON "run_latest_metrics" USING btree ("workspace_id","key","is_nan","value","run_id","min_value","max_value");--> statement-breakpoint
CREATE INDEX "run_params_value" ON "run_params" USING btree ("workspace_id","key","value_head" collate "C","run_id");--> statement-breakpoint
CREATE INDEX "run_tags_value" ON "run_tags" USING btree ("workspace_id","key","value_head" collate "C","run_id");--> statement-breakpoint
CREATE INDEX "runs_experiment" ON "runs" USING btree ("workspace_id","experiment_id","start_time" DESC NULLS FIRST,"id","deleted_at");--> statement-breakpoint
CREATE INDEX "runs_started" ON "runs" USING btree ("workspace_id","start_time" DESC NULLS FIRST,"id");--> statement-breakpoint
CREATE INDEX "runs_name" ON "runs" USING btree ("workspace_id","experiment_id","name" collate "C");--> statement-breakpoint
CREATE INDEX "runs_deleted" ON "runs" USING btree ("workspace_id","experiment_id","start_time" DESC NULLS FIRST,"id") WHERE deleted_at is not null;--> statement-breakpoint
CREATE INDEX "grants_subject" ON "grants" USING btree ("workspace_id","model_id","environment","action");--> statement-breakpoint
CREATE UNIQUE INDEX "artifact_objects_sha256" ON "artifact_objects" USING btree ("sha256","workspace_id");--> statement-breakpoint
CREATE INDEX "audit_log_subject" ON "audit_log" USING btree ("workspace_id","subject_type","subject_id");--> statement-breakpoint
CREATE INDEX "audit_personal_subject" ON "audit_personal" USING btree ("workspace_id","subject_type","subject_id","created_at");--> statement-breakpoint
CREATE INDEX "outbox_unsent" ON "outbox" USING btree ("created_at") WHERE sent_at is null;--> statement-breakpoint
CREATE INDEX "idempotent_answers_expiry" ON "idempotent_answers" USING btree ("workspace_id","expires_at");--> statement-breakpoint
CREATE INDEX "logged_models_experiment" ON "logged_models" USING btree ("workspace_id","experiment_id","created_at","id");--> statement-breakpoint
CREATE INDEX "model_aliases_version" ON "model_aliases" USING btree ("workspace_id","version_id");--> statement-breakpoint
CREATE INDEX "model_version_tags_value" ON "model_version_tags" USING btree ("workspace_id","key","value_head","version_id");--> statement-breakpoint
CREATE UNIQUE INDEX "oidc_providers_id" ON "oidc_providers" USING btree ("id");--> statement-breakpoint
CREATE INDEX "prediction_archives_time" ON "prediction_archives" USING btree ("workspace_id","to_at","id");--> statement-breakpoint
CREATE INDEX "prediction_archives_deployment" ON "prediction_archives" USING btree ("workspace_id","deployment_id","to_at");--> statement-breakpoint
CREATE INDEX "prediction_counts_old" ON "prediction_counts" USING btree ("workspace_id","seconds","at");--> statement-breakpoint
CREATE INDEX "prediction_logs_deployment" ON "prediction_logs" USING btree ("workspace_id","deployment_id","at");--> statement-breakpoint
CREATE INDEX "prediction_logs_at" ON "prediction_logs" USING btree ("workspace_id","at");--> statement-breakpoint
CREATE INDEX "prediction_outcomes_requested" ON "prediction_outcomes" USING btree ("workspace_id","requested_at");--> statement-breakpoint
CREATE INDEX "erasures_created" ON "erasures" USING btree ("workspace_id","created_at","id");--> statement-breakpoint
CREATE INDEX "model_versions_updated" ON "model_versions" USING btree ("workspace_id","updated_at") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "model_versions_order" ON "model_versions" USING btree ("workspace_id","number") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "model_versions_created" ON "model_versions" USING btree ("workspace_id","created_at") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "model_versions_source_run" ON "model_versions" USING btree ("workspace_id","source_run") WHERE source_run is not null;--> statement-breakpoint
CREATE INDEX "model_versions_run" ON "model_versions" USING btree ("workspace_id","run_id") WHERE run_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "model_versions_number" ON "model_versions" USING btree ("workspace_id","model_id","number");--> statement-breakpoint
CREATE UNIQUE INDEX "model_versions_semantic" ON "model_versions" USING btree ("workspace_id","model_id","semantic_version") WHERE semantic_version is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "model_versions_training_job" ON "model_versions" USING btree ("workspace_id","training_job_id") WHERE training_job_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "models_name" ON "models" USING btree ("workspace_id","name") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "models_name_lower" ON "models" USING btree ("workspace_id",lower("name")) WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "models_name_order" ON "models" USING btree ("workspace_id","name" collate "C") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "models_created" ON "models" USING btree ("workspace_id","created_at","id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "roll_out_analyses_roll_out" ON "roll_out_analyses" USING btree ("workspace_id","roll_out_id","look");--> statement-breakpoint
CREATE INDEX "roll_outs_deployment" ON "roll_outs" USING btree ("workspace_id","deployment_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "roll_outs_candidate" ON "roll_outs" USING btree ("workspace_id","candidate_id");--> statement-breakpoint
CREATE INDEX "shadow_examples_variant" ON "shadow_examples" USING btree ("workspace_id","deployment_id","variant_id","difference");--> statement-breakpoint
CREATE UNIQUE INDEX "stages_name" ON "stages" USING btree ("workspace_id",lower("name"));--> statement-breakpoint
CREATE INDEX "trace_assessments_trace" ON "trace_assessments" USING btree ("workspace_id","trace_id","created_at","id");--> statement-breakpoint
CREATE INDEX "traces_experiment" ON "traces" USING btree ("workspace_id","experiment_id","request_time","id");--> statement-breakpoint
CREATE INDEX "training_jobs_created" ON "training_jobs" USING btree ("workspace_id","created_at","id");--> statement-breakpoint
CREATE INDEX "training_jobs_run" ON "training_jobs" USING btree ("workspace_id","run_id");--> statement-breakpoint
CREATE INDEX "training_jobs_due" ON "training_jobs" USING btree ("priority" DESC NULLS LAST,"created_at") WHERE status in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "training_logs_time" ON "training_logs" USING btree ("workspace_id","job_id","created_at","offset_bytes");--> statement-breakpoint
CREATE INDEX "saved_views_page" ON "saved_views" USING btree ("workspace_id","page","name");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_event" ON "webhook_deliveries" USING btree ("workspace_id","webhook_id","event_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_created" ON "webhook_deliveries" USING btree ("workspace_id","webhook_id","created_at","id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_age" ON "webhook_deliveries" USING btree ("workspace_id","created_at");--> statement-breakpoint
CREATE INDEX "webhooks_created" ON "webhooks" USING btree ("workspace_id","created_at","id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "attempts_run_idx" ON "inngest"."attempts" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "events_id_idx" ON "inngest"."events" USING btree ("id");--> statement-breakpoint
CREATE INDEX "events_received_at_idx" ON "inngest"."events" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "events_unrouted_idx" ON "inngest"."events" USING btree ("received_at") WHERE not "inngest"."events"."routed";--> statement-breakpoint
CREATE INDEX "jobs_ready_idx" ON "inngest"."jobs" USING btree ("sort_at","id") WHERE "inngest"."jobs"."token" is null;--> statement-breakpoint
CREATE INDEX "jobs_held_idx" ON "inngest"."jobs" USING btree ("lease_until") WHERE "inngest"."jobs"."token" is not null;--> statement-breakpoint
CREATE INDEX "jobs_run_idx" ON "inngest"."jobs" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "once_keys_expires_at_idx" ON "inngest"."once_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "runs_event_idx" ON "inngest"."runs" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "runs_function_idx" ON "inngest"."runs" USING btree ("function_id","id");--> statement-breakpoint
CREATE INDEX "runs_ended_at_idx" ON "inngest"."runs" USING btree ("ended_at");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_singleton_idx" ON "inngest"."runs" USING btree ("singleton_key") WHERE "inngest"."runs"."status" in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "schedules_next_at_idx" ON "inngest"."schedules" USING btree ("next_at");--> statement-breakpoint
CREATE INDEX "waits_event_idx" ON "inngest"."waits" USING btree ("event","equality");--> statement-breakpoint
CREATE INDEX "waits_run_idx" ON "inngest"."waits" USING btree ("run_id");--> statement-breakpoint
CREATE POLICY "tenant" ON "api_keys" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "invitations" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "members" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "workspaces" AS PERMISSIVE FOR ALL TO public USING (id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "approval_reviews" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "approvals" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "object_keys" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "workspace_keys" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "batch_row_counts" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "batch_job_errors" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "batch_job_parts" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "batch_jobs" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "benchmark_results" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "benchmarks" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "conversion_settings" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "model_conversions" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "custom_roles" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "dataset_previews" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "datasets" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "deployment_events" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "deployment_variants" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "deployments" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "evaluation_dataset_experiments" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "evaluation_datasets" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "evaluation_records" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "experiment_tags" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "experiments" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "run_artifacts" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "run_inputs" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "run_latest_metrics" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "run_metric_rollups" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "run_metrics" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "run_params" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "run_tags" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "runs" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "grants" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "artifact_objects" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "audit_log" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "audit_personal" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "outbox" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "idempotent_answers" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "logged_model_artifacts" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "logged_model_metrics" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "logged_models" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "run_models" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "model_aliases" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "model_version_tags" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "model_cards" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "model_signatures" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "external_models" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "oidc_providers" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "prediction_archives" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "prediction_retention" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "prediction_counts" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "prediction_logs" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "prediction_outcomes" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "erasures" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "workspace_quotas" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "model_version_artifacts" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "model_versions" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "models" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "roll_out_analyses" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "roll_outs" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "deployment_loads" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "deployment_scale_points" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "deployment_scales" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "shadow_comparisons" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "shadow_examples" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "stages" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "run_traces" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "trace_artifacts" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "trace_assessments" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "trace_prompts" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "trace_spans" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "traces" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "training_jobs" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "training_logs" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "artifact_upload_parts" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "artifact_uploads" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "saved_views" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "webhook_deliveries" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant" ON "webhooks" AS PERMISSIVE FOR ALL TO public USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid) WITH CHECK (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);