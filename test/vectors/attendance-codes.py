# Makes test/vectors/attendance-codes.json from the words of docs/code-attendance.md alone: another language, another
# library. Run it when the words change: python3 test/vectors/attendance-codes.py > test/vectors/attendance-codes.json
import hashlib, hmac, json

ALPHABETS = {"full": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "unambiguous": "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"}

def f(secret, k, j, length, alphabet):
    digest = hmac.new(secret, k.to_bytes(8, "big") + j.to_bytes(4, "big"), hashlib.sha256).digest()
    usable = [b for b in digest if b < 256 - 256 % len(alphabet)]
    return "".join(alphabet[b % len(alphabet)] for b in usable[:length])

def code(secret, k, length, alphabet):
    if k % 2 == 0:
        return f(secret, k, 0, length, alphabet)
    neighbours = (f(secret, k - 1, 0, length, alphabet), f(secret, k + 1, 0, length, alphabet))
    j = 0
    while f(secret, k, j, length, alphabet) in neighbours:
        j += 1
    return f(secret, k, j, length, alphabet)

def vector(secret, length, name, steps):
    return {"secret": secret.hex(), "code_length": length, "alphabet": name,
            "codes": [{"step": k, "code": code(secret, k, length, ALPHABETS[name])} for k in steps]}

plain = bytes(range(32))
vectors = [vector(plain, 4, "full", list(range(12))), vector(plain, 12, "full", [0, 1, 2, 2**31, 2**32 + 1]),
           vector(hashlib.sha256(b"muster").digest(), 6, "unambiguous", list(range(8)))]
# Short codes collide with a neighbour now and then: steps at which another j than 0 is taken.
for number in range(200):
    secret = hashlib.sha256(b"collision %d" % number).digest()
    steps = [k for k in range(1, 4000, 2) if f(secret, k, 0, 3, ALPHABETS["unambiguous"]) != code(secret, k, 3, ALPHABETS["unambiguous"])]
    if steps:
        vectors.append({**vector(secret, 3, "unambiguous", sorted({s + d for s in steps[:2] for d in (-1, 0, 1)})), "collides_at": steps[:2]})
    if len(vectors) == 6:
        break
print(json.dumps({"vectors": vectors}, indent=1))
