import { defineMlflowRoute } from "./contract";

/** What clients ask before they choose how to talk: large files may come in parts, workspaces come with the key. */
export const serverInfoRoutes = [
  defineMlflowRoute({
    version: "3.0",
    methods: ["GET"],
    path: "/server-info",
    permission: "experiments:read",
    fields: {},
    handler: async ({ ctx }) => ({
      store_type: "SqlStore",
      workspaces_enabled: false,
      trace_archival_enabled: false,
      multipart_uploads_enabled: ctx.ports.secrets !== undefined,
      multipart_downloads_enabled: false,
      presigned_upload_run_id_supported: false,
      presigned_upload_model_id_supported: false,
      features_enabled: { gateway: false },
    }),
  }),
];
