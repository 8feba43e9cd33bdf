"""The credentials every simulator starts with. They open nothing real."""
# ruff: noqa: S105

TWILIO_ACCOUNT_SID = "AC5f00000000000000000000000000000a"
TWILIO_AUTH_TOKEN = "5f00000000000000000000000000000b"

ZALO_APP_ID = "3850000000000000001"
ZALO_APP_SECRET = "sim-zalo-app-secret"
ZALO_ACCESS_TOKEN = "sim-zalo-access-token"
ZALO_REFRESH_TOKEN = "sim-zalo-refresh-token"
ZALO_OA_ID = "4250000000000000001"
ZALO_OA_SECRET = "sim-zalo-oa-secret"

CARRIER_CALLBACK_SECRET = "sim-carrier-callback-secret"
#: Public Ed25519 keys of the carrier's customer, as kid=base64. The private seeds are
#: 32 bytes of 0x4c for live orders and 32 bytes of 0x44 for drills.
CARRIER_LIVE_KEY = "loa-live-sim=knMI9T1nZVA9K2TBA6tapHIGqzlQLP6PmEQv21QxALc="
CARRIER_DRILL_KEY = "loa-drill-sim=11l5O7wTooGagnx2rbb7qKSa7gB/SfLQmS2ZuCWtLEg="
