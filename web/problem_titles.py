"""What a page is called that tells of a request gone wrong, by its code of HTTP."""

TITLES = {
    400: ("请求有误", "The request cannot be read"),
    404: ("没有此页面", "There is no such page"),
    405: ("不支持的请求方式", "This cannot be done here"),
    413: ("请求过大", "The request is too large"),
    429: ("请求过于频繁，请稍后再试", "Too many requests; please try again later"),
    431: ("请求头过大", "The head of the request is too large"),
    500: ("程序故障，未作任何改动", "Something went wrong; nothing was changed"),
    503: ("服务暂时不可用，请稍后再试", "Not available for now; please try again later"),
}
