import { handleInNext } from "@/server/protocols/next-mount";

export const dynamic = "force-dynamic";

export { handleInNext as GET };
