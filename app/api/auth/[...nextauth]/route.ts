import NextAuth from "next-auth";
import { env } from "@/env";
import { nextAuthOptions } from "@/server/access/next-auth-options";
import { asAppError } from "@/server/kernel/errors";
import { processRuntime } from "@/server/process-runtime";

type RouteContext = { params: Promise<{ nextauth: string[] }> };

async function handler(request: Request, context: RouteContext): Promise<Response> {
  const runtime = await processRuntime();
  const secret = (env().NEXTAUTH_SECRET ?? env().MODELYARD_SECRET)?.reveal();
  // Without a secret no cookie could be believed, so nobody gets in.
  if (!secret) return new Response(null, { status: 503 });
  const { nextauth } = await context.params;
  try {
    const options = await nextAuthOptions(runtime, secret, nextauth);
    return await NextAuth(options)(request, context);
  } catch (error) {
    const known = asAppError(error);
    runtime.log.warn({ code: known?.code ?? "internal", err: error }, "sign-in is not available");
    const url = new URL("/signin?error=provider", request.url);
    return Response.json({ url: url.pathname + url.search }, { status: 503 });
  }
}

export { handler as GET, handler as POST };
