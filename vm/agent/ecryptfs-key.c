/*
 * The key that an eCryptfs mount asks for: an authentication token of the passphrase type, as a key of the type `user`
 * that is named by its signature. include/linux/ecryptfs.h; the kernel believes the signature (keystore.c).
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "operations.h"

#define PROCESS_KEYRING (-2) /* KEY_SPEC_PROCESS_KEYRING: it goes with the worker */
#define VERSION 0x0004
#define PASSWORD 0
#define KEY_ENCRYPTION_KEY_SET 0x02
#define SHA512 10 /* PGP_DIGEST_ALGO_SHA512; nothing is hashed */
#define SIGNATURE_DIGITS 16

struct session_key {
	uint32_t flags, encrypted_size, decrypted_size;
	uint8_t encrypted[512], decrypted[64];
};

struct password {
	uint32_t password_bytes;
	int32_t hash_algorithm;
	uint32_t hash_iterations, key_bytes, flags;
	uint8_t key[64], signature[SIGNATURE_DIGITS + 1], salt[8];
};

struct token {
	uint16_t version, type;
	uint32_t flags;
	struct session_key session_key;
	uint8_t reserved[32];
	struct password password;
} __attribute__((packed));

bool ecryptfs_key_operation(const struct operation *operation, struct outcome *outcome)
{
	const char *signature = operation->signature;
	struct token token = {
		.version = VERSION,
		.type = PASSWORD,
		.password = { .hash_algorithm = SHA512, .key_bytes = sizeof token.password.key, .flags = KEY_ENCRYPTION_KEY_SET },
	};

	if (strlen(signature) != SIGNATURE_DIGITS) {
		errno = EINVAL;
		return failed(outcome, "ecryptfs-key");
	}
	memcpy(token.password.signature, signature, SIGNATURE_DIGITS);
	/* Not secret, and not weak either: as many different bytes as there are. */
	for (size_t i = 0; i < sizeof token.password.key; i++)
		token.password.key[i] = (uint8_t)(i * 37 + 11);
	return syscall(SYS_add_key, "user", signature, &token, sizeof token, PROCESS_KEYRING) >= 0 || failed(outcome, "add_key");
}
