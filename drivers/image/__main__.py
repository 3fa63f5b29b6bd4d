from drivers.image.server import server

server.run("stdio")
