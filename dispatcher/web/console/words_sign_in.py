"""The words of signing in and of one's own account, Vietnamese and English."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "sign_in": ("Đăng nhập", "Sign in"),
    "sign_in.forgotten": (
        (
            "Quên mật khẩu hoặc mất điện thoại: đề nghị quản trị viên của cơ quan cấp đường dẫn "
            "khôi phục."
        ),
        (
            "Password forgotten or telephone lost: ask your agency's administrator for a "
            "recovery link."
        ),
    ),
    "login": ("Tên đăng nhập", "Login"),
    "password": ("Mật khẩu", "Password"),
    "go_on": ("Tiếp tục", "Go on"),
    "second_factor": ("Xác thực hai lớp", "Second factor"),
    "code": ("Mã xác thực", "Code"),
    "code.hint": (
        "Sáu chữ số đang hiện trên ứng dụng xác thực, hoặc một mã dự phòng.",
        "The six digits that your authenticator shows now, or one of your spare codes.",
    ),
    "new_password": ("Mật khẩu mới", "New password"),
    "new_password.hint": (
        "Ít nhất 12 ký tự. Vài từ không liên quan đến nhau thì dễ nhớ và khó đoán.",
        "At least 12 characters. A few unrelated words are easy to remember and hard to guess.",
    ),
    "new_password.again": ("Nhập lại mật khẩu mới", "New password again"),
    "recover.for": ("Đặt mật khẩu cho tên đăng nhập {login}.", "For the login {login}."),
    "recover.set": ("Đặt mật khẩu và đăng nhập", "Set the password and sign in"),
    "account": ("Tài khoản của tôi", "My account"),
    "password.change": ("Đổi mật khẩu", "Change password"),
    "password.old": ("Mật khẩu hiện tại", "Present password"),
    "password.ends_others": (
        "Các phiên đăng nhập khác của bạn sẽ kết thúc.",
        "Your other sessions will end.",
    ),
    "enrol": ("Đăng ký xác thực hai lớp", "Enrol a second factor"),
    "enrol.again": ("Đổi ứng dụng xác thực", "Change the authenticator"),
    "enrol.needed": (
        "Vai trò của bạn bắt buộc có xác thực hai lớp. Khi chưa đăng ký, quyền đó bị giữ lại.",
        "Your role needs a second factor. Until you have enrolled one, it is withheld.",
    ),
    "enrol.optional": (
        "Thêm một lớp bảo vệ: biết mật khẩu của bạn thôi thì chưa đăng nhập được.",
        "A second layer: knowing your password is then not enough to sign in.",
    ),
    "enrol.replaces": (
        "Ứng dụng cũ và các mã dự phòng cũ sẽ không dùng được nữa.",
        "The old authenticator and the old spare codes will no longer work.",
    ),
    "enrol.app": (
        "Cài một ứng dụng xác thực (TOTP) trên điện thoại.",
        "Install an authenticator (TOTP) on your telephone.",
    ),
    "enrol.scan": ("Quét mã này bằng ứng dụng.", "Scan this code with it."),
    "enrol.picture": (
        "Mã QR để đăng ký; có thể nhập bằng tay chuỗi ký tự bên dưới",
        "QR code for enrolment; the text below it may be typed instead",
    ),
    "enrol.same_phone": ("Mở ứng dụng trên chính máy này", "Open the app on this device"),
    "enrol.by_hand": ("Hoặc nhập bằng tay:", "Or type:"),
    "enrol.confirm": (
        "Nhập mã mà ứng dụng hiện ra và mật khẩu của bạn.",
        "Enter the code that it shows, and your password.",
    ),
    "enrol.done": ("Hoàn tất đăng ký", "Finish"),
    "enrol.later": ("Để sau", "Later"),
    "spares": ("Mã dự phòng", "Spare codes"),
    "spares.why": (
        (
            "Khi mất điện thoại, mỗi mã thay được mã xác thực một lần. Hãy in ra hoặc chép lại "
            "và cất nơi an toàn, không để cùng điện thoại."
        ),
        (
            "When the telephone is lost, each of these replaces a code, once. Print or copy them "
            "and keep them in a safe place, not with the telephone."
        ),
    ),
    "spares.once": (
        "Các mã này chỉ hiện một lần.",
        "They are shown only this once.",
    ),
    "spares.kept": ("Tôi đã cất các mã", "I have put them away"),
    "acting": ("Tư cách làm việc", "In whose name"),
    "acting.choose": ("Chọn", "Choose"),
    "acting.live": ("thật", "live"),
    "acting.test": ("thử nghiệm", "test"),
    "mode": ("Chế độ", "Mode"),
    "roles": ("Vai trò", "Roles"),
    "roles.none": ("chưa được giao", "none"),
    "role.author": ("soạn tin", "author"),
    "role.approver": ("duyệt tin", "approver"),
    "role.operator": ("vận hành", "operator"),
    "role.auditor": ("kiểm tra", "auditor"),
    "role.administrator": ("quản trị", "administrator"),
    "role.duty_officer": ("trực ban", "duty officer"),
    "safety": ("Bảo mật", "Security"),
    "safety.no_login": (
        "Bạn vào bằng đường dẫn xem thử: tài khoản này không có mật khẩu.",
        "You came by a view link: this account has no password.",
    ),
    "factor.on": (
        "Xác thực hai lớp: đã bật, còn {count} mã dự phòng.",
        "Second factor: on, {count} spare codes left.",
    ),
    "factor.off": ("Xác thực hai lớp: chưa bật.", "Second factor: off."),
    "factor.lacking": (
        "Một số quyền của bạn đang bị giữ lại cho đến khi có xác thực hai lớp.",
        "Some of your rights are withheld until you have a second factor.",
    ),
    "sessions": ("Các phiên đăng nhập", "Sessions"),
    "sessions.own": ("phiên này", "this one"),
    "sessions.times": ("từ {began}, dùng lần cuối {seen}", "since {began}, last used {seen}"),
    "sessions.end": ("Kết thúc", "End"),
    "sessions.end_others": ("Kết thúc mọi phiên khác", "End all others"),
    "recovery": ("Cấp đăng nhập và khôi phục tài khoản", "Logins and recovery of others"),
    "recovery.why": (
        (
            "Dành cho người trong cơ quan quên mật khẩu hoặc mất điện thoại. Hãy chắc chắn đúng "
            "người trước khi cấp. Việc cấp được ghi vào sổ nhật ký."
        ),
        (
            "For people of your agency who lost their password or telephone. Make sure who they "
            "are. It is entered in the log."
        ),
    ),
    "recovery.new": ("Người chưa có tên đăng nhập", "People without a login"),
    "recovery.account": ("Tài khoản", "Account"),
    "recovery.login_hint": (
        "3 đến 40 chữ cái không dấu, chữ số, dấu chấm hoặc gạch nối, ví dụ binh.ducquang.",
        "3 to 40 unaccented letters, digits, dots or hyphens, such as binh.ducquang.",
    ),
    "recovery.introduce": ("Cấp tên đăng nhập", "Give the login"),
    "recovery.give": ("Cấp đường dẫn khôi phục", "Make a recovery link"),
    "recovery.given": (
        (
            "Đường dẫn cho {login}. Trao tận tay, hoặc gửi riêng cho đúng người sau khi "
            "đã gọi điện xác nhận."
        ),
        (
            "Link for {login}. Hand it over in person, or send it to nobody else after a "
            "telephone call."
        ),
    ),
    "recovery.once": (
        (
            "Dùng được một lần trong 24 giờ; chỉ hiện ở đây một lần. Đường dẫn cấp trước đó "
            "không còn giá trị."
        ),
        "Good once, for 24 hours, and shown only here. Links given out before are void.",
    ),
}
