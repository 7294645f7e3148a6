import NextAuth from "next-auth";
import { env } from "@/env";
import { nextAuthOptions } from "@/server/access/next-auth-options";
import { processRuntime } from "@/server/process-runtime";

type RouteContext = { params: Promise<{ nextauth: string[] }> };

async function handler(request: Request, context: RouteContext): Promise<Response> {
  const runtime = await processRuntime();
  const secret = env().NEXTAUTH_SECRET ?? env().MODELYARD_SECRET ?? "";
  return NextAuth(nextAuthOptions(runtime.db.pool, secret))(request, context);
}

export { handler as GET, handler as POST };
