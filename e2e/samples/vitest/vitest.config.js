export default { test: { globalSetup: ['tokenvending-momento-local/setup'], testTimeout: 120_000 } };
