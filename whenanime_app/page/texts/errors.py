"""Texts of the messages that errors carry, by their codes."""

from typing import Final

from whenanime_app.security.safe_fetch import FetchMessage
from whenanime_pipeline.core.media.errors import MediaMessage, PictureMessage, SystemMessage
from whenanime_pipeline.core.messages import MessageTemplate
from whenanime_pipeline.core.search.errors import SnapshotMessage

SHOWN_MESSAGES: Final[tuple[type[MessageTemplate], ...]] = (
    FetchMessage,
    PictureMessage,
    MediaMessage,
    SystemMessage,
    SnapshotMessage,
)

ERROR_TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": {template.code: template.template for table in SHOWN_MESSAGES for template in table},
    "zh": {
        "fetch_timeout": "图片所在的服务器超过 {seconds} 秒没有响应，请改为上传图片",
        "bad_answer": "图片所在的服务器没有正常响应",
        "bad_redirect": "这个网址重定向到了一个无效的网址",
        "too_many_redirects": "这个网址的重定向超过 {limit} 次",
        "host_not_found": "找不到服务器 {host}",
        "private_address": "这个网址指向内部网络，请改为上传图片",
        "error_status": "图片所在的服务器返回了状态码 {status}",
        "large_download": "图片超过 {limit} MiB",
        "not_a_url": "这不是网址",
        "not_http": "这不是 http 或 https 网址",
        "url_password": "不支持带有用户名或密码的网址",
        "damaged_picture": "图片已损坏或不完整，请重新发送。",
        "empty_picture": "这张图片是空的（0 字节）。",
        "empty_video": "这段视频是空的（0 字节）。",
        "picture_bytes": "这张图片有 {mebibytes} MiB，上限为 {limit} MiB。",
        "video_bytes": "这段视频有 {mebibytes} MiB，上限为 {limit} MiB。",
        "picture_pixels": "图片太大，上限为 {megapixels} 百万像素。",
        "picture_size": "图片为 {width}×{height}，上限为 {megapixels} 百万像素。",
        "format_not_read": "这里无法读取 {kind}：请另存为 PNG 或 JPEG，"
        "或在服务器上安装 whenanime[pictures]。",
        "format_not_decoded": "这张 {kind} 图片已损坏或解码开销过大，请另存为 PNG 或 JPEG。",
        "not_a_picture": "无法识别这种图片，请发送 JPEG、PNG、WebP、GIF 或 AVIF。",
        "unusable_video": "无法使用这段视频：{why}。",
        "empty_file": "文件是空的（0 字节）",
        "not_a_video": "不是可读取的视频文件（{why}）",
        "no_video_stream": "文件里没有视频流，没有画面可用",
        "only_cover_art": "文件里只有封面图，没有画面可用",
        "no_decoder": "没有可用的解码器来解码视频流",
        "nothing_decoded": "没有一帧画面能够解码",
        "nothing_decoded_at_start": "开头没有能够解码的画面",
        "nothing_decoded_around": "{at} 秒附近没有能够解码的画面",
        "nothing_decoded_from": "从 {at} 秒起没有能够解码的画面",
        "no_training_frames": "选取训练帧的位置没有能够解码的画面",
        "all_skipped": "跳过片头和片尾之后没有剩下画面",
        "dolby_vision": "画面是杜比视界 Profile 5，只有专用解码器能还原颜色；请转换为 HDR10 或 SDR",
        "film_part": "它的分段文件 {file} 无法读取：{why}",
        "film_length": "无法确定它的长度",
        "linked_file": "无法从这里读取它所链接的文件 {file}",
        "video_size": "画面为 {width}×{height}，上限为 {megapixels} 百万像素",
        "invalid_data": "数据无效",
        "end_of_file": "文件提前结束",
        "file_not_found": "没有这个文件或文件夹",
        "permission_denied": "没有权限",
        "input_output": "读写出错",
        "changed_file": "{path}：与发布时的文件不同，请重新索引",
        "unreadable_file": "{path}：无法读取，请重新索引（{why}）",
        "newer_snapshot": "{path}：快照的版本是 {version}，本程序最高支持 {supported}。"
        "请更新 whenanime，或用本版本重新索引",
    },
}
"""By language and code; the English texts are those that the errors have everywhere."""
